/// Sizes as manifests write them: a whole number and a unit, powers of 1024 (`Mi`) or of 1000 (`MB`).
package enum SizeText {
    static let fix = "write a whole number and a unit: 512B, 64Ki, 128Mi, 1Gi, or 10kB, 10MB, 1GB"

    /// The number of bytes, or why the text is no size.
    static func parse(_ text: String) -> Result<Int, ValueError> {
        guard let (count, unit) = NumberWithUnit.split(text) else {
            return .failure(ValueError(code: .badSize, message: "'\(text)' is no size", fix: fix))
        }
        let factor: Int64? =
            switch unit {
            case "B": 1
            case "Ki", "KiB": 1 << 10
            case "Mi", "MiB": 1 << 20
            case "Gi", "GiB": 1 << 30
            case "kB", "KB": 1_000
            case "MB": 1_000_000
            case "GB": 1_000_000_000
            default: nil
            }
        guard let factor else {
            let message = unit.isEmpty ? "'\(text)' has no unit" : "'\(unit)' is no unit of size"
            let fix = unit.isEmpty ? "write \(text)Mi for mebibytes, or one of B, Ki, Gi, kB, MB, GB" : fix
            return .failure(ValueError(code: .badSize, message: message, fix: fix))
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        guard !overflow, product <= 1 << 50 else {
            return .failure(ValueError(code: .outOfRange, message: "'\(text)' is more than 1 PiB", fix: fix))
        }
        return .success(Int(product))
    }

    /// The size as a manifest would write it, in the largest unit that leaves a whole number.
    package static func text(_ bytes: Int) -> String {
        let units = [("Gi", 1 << 30), ("GB", 1_000_000_000), ("Mi", 1 << 20), ("MB", 1_000_000), ("Ki", 1 << 10)]
        for (unit, factor) in units where bytes >= factor && bytes % factor == 0 {
            return "\(bytes / factor)\(unit)"
        }
        return "\(bytes)B"
    }
}
