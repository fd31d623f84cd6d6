import Glibc

/// Where the SDK is: what authors build with, beside the program or wherever TAPEDECK_SDK says.
enum SDKFolder {
    /// This program's own file.
    static var program: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        return length > 0
            ? String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            : "tapedeck"
    }

    /// - Throws: after having said where it was looked for.
    static func find(_ environment: (String) -> String? = Terminal.variable) throws -> String {
        if let named = environment("TAPEDECK_SDK"), !named.isEmpty {
            guard isSDK(named) else {
                throw failed(
                    "TAPEDECK_SDK is \(named), where no SDK is (no build, no include/tapedeck.h)")
            }
            return named
        }
        let candidates = candidates(beside: program)
        guard let found = candidates.first(where: isSDK) else {
            throw failed(
                "the SDK was not found: looked in \(candidates.prefix(4).joined(separator: ", ")); "
                    + "set TAPEDECK_SDK to the folder sdk of Tapedeck's sources")
        }
        return found
    }

    /// Beside the program, where an installation puts it, and in the folders above, where a build
    /// finds it.
    static func candidates(beside program: String) -> [String] {
        var folders: [String] = []
        var parts = program.split(separator: "/").dropLast().map(String.init)
        while true {
            let folder = parts.isEmpty ? "" : "/" + parts.joined(separator: "/")
            folders += ["\(folder)/sdk", "\(folder)/share/tapedeck/sdk"]
            if parts.popLast() == nil { return folders }
        }
    }

    private static func isSDK(_ folder: String) -> Bool {
        unsafe access("\(folder)/build", X_OK) == 0
            && access("\(folder)/include/tapedeck.h", R_OK) == 0
    }
}
