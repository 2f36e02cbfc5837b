/// The numbers both ends of a connection agree on before they speak.
package enum ProtocolLimits {
    /// The version of the frames in this folder.
    ///
    /// A hello with another version is refused.
    package static let version: UInt16 = 2

    /// The most bytes that may follow a frame's length field.
    package static let maximumFrame = 1 << 20

    /// The body bytes that either side may send for one invocation before it is given credit.
    package static let initialWindow = 256 << 10

    /// The most bytes of a message meant for people (a reason, a failure); what is longer is cut off.
    package static let maximumMessage = 8 << 10
}
