import Deployment
import ImageFormat
import JSON
import Manifest

/// What `shopfn image` made, and where it went.
struct ImageReport {
    let name: String
    let image: Image
    let path: String?
    let push: ImagePush.Report?

    func show(_ format: OutputFormat) {
        switch format {
        case .json: Terminal.write(json: json)
        case .table:
            var lines = ["\(name) \(image.digest)"]
            lines.append(
                "\(image.platform), \(Self.size(image.contentSize)) unpacked, \(Self.size(image.size)) to send"
            )
            if let path { lines.append("written to \(path)") }
            if let push {
                lines.append(
                    push.wasThere
                        ? "\(push.reference) was there already"
                        : "pushed to \(push.reference), \(Self.size(push.sentBytes)) sent"
                )
            }
            Terminal.write(lines.map { $0 + "\n" }.joined())
        }
    }

    var json: JSONValue {
        var object = JSONObject([
            ("name", .string(name)), ("digest", .string(image.digest.description)),
            ("platform", .string(image.platform.description)), ("unpackedBytes", .int(image.contentSize)),
            ("bytes", .int(image.size)), ("layers", .array(image.layers.map { .object($0.descriptor.json) })),
        ])
        if let path { object["path"] = .string(path) }
        if let push {
            object["reference"] = .string(push.reference.description)
            object["sentBytes"] = .int(push.sentBytes)
            object["wasThere"] = .bool(push.wasThere)
        }
        return .object(object)
    }

    /// A line about a layer.
    static func line(_ layer: Descriptor, _ step: ImagePush.Step) -> String {
        let what = "\(layer.digest.short) \(size(layer.size))"
        return switch step {
        case .wasThere: "\(what): is there"
        case .mounted(let source): "\(what): taken over from \(source)"
        case .sent: "\(what): sent"
        }
    }

    static func size(_ bytes: Int) -> String {
        bytes < 1_000_000 ? "\((bytes + 500) / 1_000) kB" : "\(bytes / 1_000_000).\(bytes % 1_000_000 / 100_000) MB"
    }
}
