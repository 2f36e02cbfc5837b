/// A layer: an archive, compressed, and both of its digests.
package struct Layer: Sendable {
    package let descriptor: Descriptor
    /// The digest of the archive before it was compressed.
    package let diffID: Digest
    /// Compressed.
    package let bytes: [UInt8]
    /// How many bytes its files hold once they are unpacked.
    package let contentSize: Int
    /// What it holds, for the image's history.
    package let comment: String

    /// Packs an archive.
    ///
    /// - Throws: ``TarError`` or ``GzipError``.
    package init(_ archive: TarArchive, comment: String) throws {
        let packed = try archive.serialized()
        diffID = Digest(of: packed)
        bytes = try Gzip.compressed(packed)
        descriptor = Descriptor(mediaType: MediaType.layer, digest: Digest(of: bytes), size: bytes.count)
        contentSize = archive.contentSize
        self.comment = comment
    }
}
