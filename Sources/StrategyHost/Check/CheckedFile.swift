import Market

/// A file as far as it could be understood, for checks that read it and run nothing.
struct CheckedFile: Sendable {
    let path: String
    /// Nil when it is no such file: `refusal` says why.
    var image: ELFImage?
    var facts: ModuleFacts?
    var plugin: PluginFile?
    var refusal: PluginRefusal?

    init(bytes: [UInt8], path: String, digest: SHA256.Digest) {
        self.path = path
        do throws(PluginRefusal) {
            let image = try ELFImage(bytes, file: path)
            self.image = image
            facts = try image.facts()
            plugin = try PluginFile(bytes: bytes, path: path, known: digest)
        } catch {
            refusal = error
        }
    }
}
