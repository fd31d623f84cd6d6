private import CYaml

/// What libyaml reports, one event after the other, as Swift values.
enum YAMLEvent {
    case documentStart
    case documentEnd
    case streamEnd
    case alias(name: String)
    case scalar(text: String, isPlain: Bool, anchor: String?, tag: String?)
    case sequenceStart(anchor: String?, tag: String?)
    case sequenceEnd
    case mappingStart(anchor: String?, tag: String?)
    case mappingEnd
}

/// libyaml's parser over a text that it owns a copy of, and frees with it.
@safe struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let file: String
    private let override: String?
    /// For messages about tabs: libyaml does not name them.
    private let lines: [Substring]

    /// Nil when there is no memory for a parser.
    init?(text: String, override: String?, file: String) {
        unsafe parser = .allocate(capacity: 1)
        unsafe input = .allocate(capacity: text.utf8.count)
        self.file = file
        self.override = override
        lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        _ = unsafe input.initialize(from: text.utf8)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            unsafe input.deallocate()
            return nil
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event and where it begins.
    mutating func next() throws(ConfigurationProblem) -> (YAMLEvent, SourcePosition) {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { unsafe yaml_event_delete(&event) }
            if let read = unsafe Self.read(event) {
                return (read, unsafe position(event.start_mark))
            }
        }
    }

    private static func read(_ event: yaml_event_t) -> YAMLEvent? {
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_ALIAS_EVENT: return .alias(name: unsafe text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                text: unsafe String(decoding: bytes, as: UTF8.self),
                isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE,
                anchor: unsafe text(scalar.anchor), tag: unsafe text(scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            return .sequenceStart(anchor: unsafe text(start.anchor), tag: unsafe text(start.tag))
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            return .mappingStart(anchor: unsafe text(start.anchor), tag: unsafe text(start.tag))
        default: return nil
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe String(cString: pointer)
    }

    private func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1, override: override)
    }

    private func failure() -> ConfigurationProblem {
        let position = unsafe position(parser.pointee.problem_mark)
        var message =
            unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "cannot be read"
        if position.line <= lines.count,
            lines[position.line - 1].prefix(while: \.isWhitespace).contains("\t")
        {
            message = "a tab cannot indent in YAML; use spaces"
        } else if let context = unsafe parser.pointee.context {
            message = unsafe "\(String(cString: context)): \(message)"
        }
        return ConfigurationProblem(file: file, position: position, message: message)
    }
}
