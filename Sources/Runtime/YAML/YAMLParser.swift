import CYAML

/// Reads a YAML 1.1 text event by event, with libyaml.
///
/// Aliases are handed out as they are written: what they stand for is the caller's to share or to copy, so that a small
/// hostile text makes no large tree here.
package struct YAMLParser: ~Copyable {
    /// How many mappings and lists may stand within each other: with more, libyaml takes ever longer for each.
    package static let greatestDepth = 1_000

    /// It keeps pointers into itself, so it must stay where it is.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// The parser reads it as it goes.
    private let input: UnsafeMutableBufferPointer<UInt8>
    private var depth = 0

    /// A parser of a UTF-8 text.
    ///
    /// - Throws: ``YAMLError`` when there is no memory.
    package init(_ text: some Collection<UInt8>) throws(YAMLError) {
        input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(text.count, 1))
        input.initialize(repeating: 0)
        _ = input.update(fromContentsOf: text)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLError(.memory, "there is no memory left", at: YAMLMark(line: 1, column: 1))
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event; ``YAMLEvent/Content/streamEnd`` again and again at the end.
    ///
    /// - Throws: ``YAMLError`` where the text is no YAML. Nothing can be read after it.
    package mutating func next() throws(YAMLError) -> YAMLEvent {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw error }
            defer { yaml_event_delete(&event) }
            // Past the end libyaml gives events of no type.
            if event.type == YAML_NO_EVENT { return YAMLEvent(content: .streamEnd, mark: mark(parser.pointee.mark)) }
            guard let content = content(of: event) else { continue }
            let mark = mark(event.start_mark)
            switch content {
            case .sequenceStart, .mappingStart: depth += 1
            case .sequenceEnd, .mappingEnd: depth -= 1
            default: break
            }
            guard depth <= Self.greatestDepth else {
                throw YAMLError(.depth, "mappings and lists stand more than \(Self.greatestDepth) deep", at: mark)
            }
            return YAMLEvent(content: content, mark: mark)
        }
    }

    /// What an event says; nothing for the start of the stream.
    private func content(of event: yaml_event_t) -> YAMLEvent.Content? {
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_ALIAS_EVENT: return .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return .scalar(
                YAMLScalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain),
                YAMLProperties(anchor: text(scalar.anchor), tag: text(scalar.tag))
            )
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return .sequenceStart(YAMLProperties(anchor: text(start.anchor), tag: text(start.tag)))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return .mappingStart(YAMLProperties(anchor: text(start.anchor), tag: text(start.tag)))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return nil
        }
    }

    private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(decodingCString: $0, as: UTF8.self) }
    }

    private func mark(_ mark: yaml_mark_t) -> YAMLMark {
        YAMLMark(line: mark.line + 1, column: mark.column + 1)
    }

    /// Why the parser stopped.
    private var error: YAMLError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "it cannot be read"
        switch state.error {
        case YAML_MEMORY_ERROR:
            return YAMLError(.memory, "there is no memory left", at: mark(state.mark))
        case YAML_READER_ERROR:
            return YAMLError(.characters, problem, at: mark(ofByte: state.problem_offset))
        default:
            let context = state.context.map { text in
                YAMLError.Context(text: String(cString: text), mark: mark(state.context_mark))
            }
            return YAMLError(.syntax, problem, at: mark(state.problem_mark), context: context)
        }
    }

    /// Of a mistake in the characters libyaml tells the byte alone.
    private func mark(ofByte offset: Int) -> YAMLMark {
        let before = input.prefix(offset)
        let line = before.lastIndex(of: UInt8(ascii: "\n")).map { before[before.index(after: $0)...] } ?? before
        return YAMLMark(
            line: before.count { $0 == UInt8(ascii: "\n") } + 1,
            column: String(decoding: line, as: UTF8.self).unicodeScalars.count + 1
        )
    }
}
