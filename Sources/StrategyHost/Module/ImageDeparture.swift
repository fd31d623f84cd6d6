import CLinux
import Glibc

/// Takes an image out of the process and proves that it is gone. Only all of the proofs together
/// are one.
enum ImageDeparture {
    /// - Parameter threads: how many this process should have now; nil when other threads come and
    ///   go.
    /// - Returns: what became of it, and whether it can still be used.
    static func close(
        _ image: PluginImage, expecting threads: Int?
    ) -> (report: UnloadReport, isUsable: Bool) {
        var report = UnloadReport(
            plugin: image.manifest.id, version: image.manifest.version.description,
            digest: image.digest,
            outcome: .gone)
        guard image.instances == 0 else {
            report.outcome = .inUse(image.instances)
            return (report, true)
        }
        var reasons = obstacles(image, threads)
        let isUsable = !reasons.isEmpty
        if reasons.isEmpty {
            reasons = closeAndProve(image)
            if reasons.isEmpty {
                image.freeContexts()
                image.sealed.setLoaded(false)
                return (report, false)
            }
        }
        report.outcome = .pinned(reasons)
        report.residentBytes = MemoryMap.residentBytes(image.sealed.mappedName)
        return (report, isUsable)
    }

    /// Why closing it would end in a crash, or is known to be no use.
    private static func obstacles(_ image: PluginImage, _ threads: Int?) -> [String] {
        var reasons: [String] = []
        if let reason = image.reasonToStay { reasons.append(reason) }
        if image.manifest.unload == .pinned { reasons.append("its manifest says so") }
        reasons += image.file.facts.pinningReasons
        if let threads {
            let more = ProcessThreads.count - threads
            if more > 0 { reasons.append("it left \(more) threads running") }
        }
        for signal in handlers(inside: image.range) {
            reasons.append("it left a handler for signal \(signal)")
        }
        return reasons
    }

    /// Signals whose handlers are code of the image.
    private static func handlers(inside range: LoadedRange) -> [Int32] {
        (1...64).filter { signal in
            var action = Glibc.sigaction()
            guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
            // Both kinds of handler share one word.
            return range.contains(unsafe unsafeBitCast(action.__sigaction_handler, to: UInt.self))
        }
    }

    private static func closeAndProve(_ image: PluginImage) -> [String] {
        let before = MemoryMap.lines(image.sealed.mappedName, or: image.range.whole)
        guard unsafe dlclose(image.handle) == 0 else {
            return [
                "dlclose failed: "
                    + (unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given")
            ]
        }
        var reasons: [String] = []
        if image.range.isLoaded { reasons.append("the loader still lists it") }
        // A mapping that was there before, at the same place and of the same kind, has not gone.
        let stayed = MemoryMap.lines(image.sealed.mappedName, or: image.range.whole).filter {
            $0.contains(image.sealed.mappedName) || before.contains($0)
        }
        if !stayed.isEmpty { reasons.append("\(stayed.count) of its mappings are still there") }
        if let found = unsafe dlopen(image.sealed.path, RTLD_NOW | RTLD_NOLOAD) {
            // The question itself took a reference.
            unsafe dlclose(found)
            reasons.append("the loader still finds it by its path")
        }
        return reasons
    }
}

/// This process's memory, as the kernel tells it.
enum MemoryMap {
    /// Lines of `/proc/self/maps` of a file, or inside a range.
    static func lines(_ name: String, or range: Range<UInt>) -> [String] {
        text("/proc/self/maps").split(separator: "\n").filter { line in
            if line.contains(name) { return true }
            let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap {
                UInt($0, radix: 16)
            }
            return ends.count == 2 && ends[0] < range.upperBound && range.lowerBound < ends[1]
        }.map(String.init)
    }

    /// Resident memory of a file's mappings.
    static func residentBytes(_ name: String) -> Int {
        var isOurs = false
        var kibibytes = 0
        for line in text("/proc/self/smaps").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first?.contains("-") == true {
                isOurs = line.contains(name)
            } else if isOurs, words.first == "Rss:", words.count > 1 {
                kibibytes += Int(words[1]) ?? 0
            }
        }
        return kibibytes * 1024
    }

    private static func text(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
