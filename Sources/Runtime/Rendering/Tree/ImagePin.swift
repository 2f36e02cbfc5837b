/// An image by its digest, as a file of an overlay names it.
///
/// `scripts/platform/set_digests.py` writes and reads the same form.
package struct ImagePin: Sendable, Hashable {
    /// The name in the base, which is the module's.
    package var module: String
    /// Registry and repository.
    package var repository: String
    /// `sha256:` with 64 digits.
    package var digest: String
    /// The commit the image was built from.
    package var source: String

    package init(module: String, repository: String, digest: String, source: String) {
        self.module = module
        self.repository = repository
        self.digest = digest
        self.source = source
    }

    /// Reads the pin out of a file; nothing where it names no digest.
    package init?(reading text: String) {
        var found: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.drop { " -#".contains($0) }.split(separator: ":", maxSplits: 1)
            guard words.count == 2, found[String(words[0])] == nil else { continue }
            found[String(words[0])] = String(words[1].drop { $0 == " " })
        }
        guard let module = found["name"], let repository = found["newName"], let digest = found["digest"] else {
            return nil
        }
        self.init(module: module, repository: repository, digest: digest, source: found["source"] ?? "none")
    }

    /// The file `images/MODULE/kustomization.yaml` of an overlay: what every function of the module runs.
    package var componentText: String {
        """
        # Written by scripts/platform/set_digests.py; change it with that.
        # source: \(source)
        apiVersion: kustomize.config.k8s.io/v1alpha1
        kind: Component
        images:
          - name: \(module)
            newName: \(repository)
            digest: \(digest)

        """
    }

    /// The same file before anything was delivered.
    static func undelivered(_ module: String) -> String {
        """
        # Written by scripts/platform/set_digests.py; change it with that.
        # source: none
        apiVersion: kustomize.config.k8s.io/v1alpha1
        kind: Component
        images:
          - name: \(module)
            newName: undelivered/\(module)
            newTag: none

        """
    }
}
