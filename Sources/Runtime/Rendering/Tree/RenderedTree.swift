package import Manifest

/// The files below `k8s/` that are made of the manifest: a kustomize base, a folder for each function, overlays.
package struct RenderedTree: Sendable {
    package struct File: Sendable, Hashable {
        /// From the tree's top.
        package var path: String
        package var text: String
        /// Whether it is only begun here, and belongs to delivery from then on.
        package var isDelivered = false
    }

    /// Every file, by its path.
    package let files: [File]

    /// What begins every file that is made here.
    package static let mark = "# Made of functions.yaml by 'shopfn render'; change that, and render again.\n"

    /// The overlays there are.
    package enum Overlay: String, Sendable, CaseIterable {
        /// A development cluster, with a Valkey of its own and images of a registry beside it.
        case local
        /// EKS, delivered from Git.
        case eks
    }

    /// Makes the tree.
    ///
    /// - Parameters:
    ///   - shop: The objects.
    ///   - pins: Functions that run an image of their own rather than their module's, in the overlay `eks`.
    package init(_ shop: ShopObjects, pins: [String: ImagePin] = [:]) {
        var files: [File] = []
        func add(_ path: String, _ text: String) { files.append(File(path: path, text: Self.mark + text)) }
        func add(_ folder: String, _ groups: [(file: String, objects: [RenderedObject])], comment: String = "") {
            for (file, objects) in groups { add("\(folder)/\(file)", Self.text(objects)) }
            add("\(folder)/kustomization.yaml", Self.kustomization(resources: groups.map(\.file), comment: comment))
        }
        let functions = shop.manifest.functions
        add("base", shop.base, comment: "What every cluster holds whichever functions it runs.")
        for function in functions { add("functions/\(function.name)", shop.objects(of: function)) }

        let local = [("valkey.yaml", shop.overlay.valkey)]
        for (file, objects) in local { add("overlays/local/\(file)", Self.text(objects)) }
        add(
            "overlays/local/kustomization.yaml",
            Self.kustomization(
                resources: ["../../base", "valkey.yaml"] + functions.map { "../../functions/\($0.name)" },
                images: Self.localImages(shop),
                comment: "A development cluster: everything at once, images of a registry on the same machine."
            )
        )

        add("overlays/eks/ingress.yaml", Self.text(shop.overlay.ingress))
        add(
            "overlays/eks/kustomization.yaml",
            Self.kustomization(
                resources: ["../../base", "ingress.yaml"],
                components: ["images/shopfn"],
                comment: "On EKS: what every cluster holds. Each function is delivered by itself, from functions/."
            )
        )
        for function in functions {
            add(
                "overlays/eks/functions/\(function.name)/kustomization.yaml",
                Self.eksFunction(function, pins[function.name])
            )
        }
        for module in shop.manifest.modules + ["shopfn"] {
            files.append(
                File(
                    path: "overlays/eks/images/\(module)/kustomization.yaml",
                    text: ImagePin.undelivered(module),
                    isDelivered: true
                )
            )
        }
        self.files = files.sorted { $0.path < $1.path }
    }

    /// Where the overlay `eks` says which image a function runs.
    package static func eksFunctionPath(_ name: String) -> String {
        "overlays/eks/functions/\(name)/kustomization.yaml"
    }

    /// Where the overlay `eks` says which image the functions of a module run.
    package static func eksImagePath(_ module: String) -> String { "overlays/eks/images/\(module)/kustomization.yaml" }

    /// A function's folder in the overlay `eks`, as a whole file.
    package static func eksFunctionFile(_ function: FunctionDeclaration, pin: ImagePin?) -> String {
        mark + eksFunction(function, pin)
    }

    private static func eksFunction(_ function: FunctionDeclaration, _ pin: ImagePin?) -> String {
        let resource = "../../../../functions/\(function.name)"
        guard let pin else {
            return kustomization(resources: [resource], components: ["../../images/\(function.module)"])
        }
        return "# Runs an image of its own, whatever its module's is.\n# source: \(pin.source)\n"
            + kustomization(
                resources: [resource],
                images: [(name: pin.module, newName: pin.repository, key: "digest", value: pin.digest)]
            )
    }

    private static func localImages(
        _ shop: ShopObjects
    ) -> [(name: String, newName: String, key: String, value: String)] {
        (shop.manifest.modules + ["shopfn"]).map { module in
            (name: module, newName: "localhost:5000/\(shop.manifest.service)/\(module)", key: "newTag", value: "dev")
        }
    }

    private static func text(_ objects: [RenderedObject]) -> String {
        objects.map(\.text).joined(separator: "---\n")
    }

    private static func kustomization(
        resources: [String],
        components: [String] = [],
        images: [(name: String, newName: String, key: String, value: String)] = [],
        comment: String = ""
    ) -> String {
        var lines = comment.isEmpty ? [] : ["# \(comment)"]
        lines += ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", "resources:"]
        lines += resources.map { "  - \($0)" }
        if !components.isEmpty { lines += ["components:"] + components.map { "  - \($0)" } }
        if !images.isEmpty { lines.append("images:") }
        for image in images {
            lines += ["  - name: \(image.name)", "    newName: \(image.newName)", "    \(image.key): \(image.value)"]
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
