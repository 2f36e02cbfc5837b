/// The numbers both ends of a connection agree on before they speak.
package enum ProtocolLimits {
    /// The version of the frames in this folder.
    ///
    /// A hello with another version is refused.
    package static let version: UInt16 = 2

    /// The versions of the frames between gateways and scalers that a gateway speaks; the same in both but that
    /// replicas of a scaler hear of each other from 3 on.
    ///
    /// A scaler says the latest, and the earliest to a gateway that refuses that. So each of them can be replaced
    /// before the other.
    package static let scalerVersions: ClosedRange<UInt16> = 2...3

    /// From which version on claims are spoken of.
    package static let claimsSince: UInt16 = 3

    /// The most bytes that may follow a frame's length field.
    package static let maximumFrame = 1 << 20

    /// The body bytes that either side may send for one invocation before it is given credit.
    package static let initialWindow = 256 << 10

    /// The most bytes of a message meant for people (a reason, a failure); what is longer is cut off.
    package static let maximumMessage = 8 << 10
}
