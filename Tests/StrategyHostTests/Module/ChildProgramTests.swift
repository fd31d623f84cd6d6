import Foundation
import Testing

@testable import StrategyHost

@Suite struct ChildProgramTests {
    @Test func `a program for a plug-in's code has no descriptor but those that it is given`()
        throws
    {
        // As another part of this process, or a library, may have opened it: programs inherit it.
        let opened = open("/dev/null", O_RDONLY)
        let stray = fcntl(opened, F_DUPFD, 40)
        defer {
            close(opened)
            close(stray)
        }
        let pipe = Pipe()
        let spawned = ChildProgram.spawn(
            ["/bin/ls", "/proc/self/fd"], [],
            copies: [(pipe.fileHandleForWriting.fileDescriptor, 1), (1, 9)])
        try pipe.fileHandleForWriting.close()
        let process = try #require(spawned.process)
        let text = String(
            decoding: try #require(try pipe.fileHandleForReading.readToEnd()), as: UTF8.self)
        var status: Int32 = 0
        #expect(unsafe waitpid(process, &status, 0) == process && status == 0)
        // 3 is the folder that it reads.
        #expect(text.split(separator: "\n") == ["0", "1", "2", "3", "9"])
    }
}
