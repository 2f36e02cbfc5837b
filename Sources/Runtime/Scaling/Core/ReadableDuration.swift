import Time

/// A duration as people write it: `250ms`, `1.5s`, `4m 10s`, `2h 5m`.
package func readable(_ duration: Duration) -> String {
    let milliseconds = (duration.wholeNanoseconds + 500_000) / 1_000_000
    if milliseconds < 0 { return "-" + readable(.milliseconds(-milliseconds)) }
    if milliseconds < 1000 { return "\(milliseconds)ms" }
    if milliseconds < 60_000 {
        let tenths = (milliseconds % 1000) / 100
        return tenths == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds / 1000).\(tenths)s"
    }
    let seconds = milliseconds / 1000
    if seconds < 3600 { return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m \(seconds % 60)s" }
    let minutes = seconds / 60
    return minutes % 60 == 0 ? "\(minutes / 60)h" : "\(minutes / 60)h \(minutes % 60)m"
}
