/// What relative paths in a configuration start from: the folder of its file, or for what the
/// command line overrides the folder that the command was given in.
package struct PathBase: Hashable, Sendable {
    /// Empty for the present folder.
    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// Of the file at `path`.
    package init(file path: String) {
        guard let slash = path.lastIndex(of: "/") else {
            folder = ""
            return
        }
        folder = slash == path.startIndex ? "/" : String(path[..<slash])
    }

    func path(_ text: String, _ reader: ConfigurationReader) -> String {
        reader.node.position.override == nil ? path(text) : text
    }

    package func path(_ text: String) -> String {
        if text.hasPrefix("/") || folder.isEmpty { return text }
        return folder.hasSuffix("/") ? folder + text : "\(folder)/\(text)"
    }
}
