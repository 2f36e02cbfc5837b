import JSON
import Manifest

extension ShopObjects {
    /// Everything an overlay holds, in the order to apply it in, as `kubectl kustomize` would build it.
    ///
    /// `images`: The image to run for a module or `shopfn`; those that are missing keep their bare name.
    package func documents(_ overlay: RenderedTree.Overlay, images: [String: String]) -> [RenderedObject] {
        let own = overlay == .local ? self.overlay.valkey : self.overlay.ingress
        let all = base.flatMap(\.objects) + own + manifest.functions.flatMap { objects(of: $0).flatMap(\.objects) }
        return all.map { Self.running(images, in: $0) }
    }

    private static func running(_ images: [String: String], in object: RenderedObject) -> RenderedObject {
        guard let containers = object.json["spec"]?["template"]?["spec"]?["containers"]?.arrayValue else {
            return object
        }
        let replaced = containers.map { container -> JSONValue in
            guard var members = container.objectValue, let image = members["image"]?.stringValue.flatMap({ images[$0] })
            else { return container }
            members["image"] = .string(image)
            return .object(members)
        }
        var result = object
        result.json.set(.array(replaced), at: ["spec", "template", "spec", "containers"])
        return result
    }
}

extension JSONObject {
    /// Sets a member of a member, making the objects on the way.
    fileprivate mutating func set(_ value: JSONValue, at path: [String]) {
        guard let name = path.first else { return }
        guard path.count > 1 else {
            self[name] = value
            return
        }
        var inner = self[name]?.objectValue ?? JSONObject()
        inner.set(value, at: Array(path.dropFirst()))
        self[name] = .object(inner)
    }
}
