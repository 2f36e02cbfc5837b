/// The type byte of every frame.
///
/// No two directions share a value, so a frame sent the wrong way is noticed.
enum FrameType {
    // Gateway to worker.
    static let welcome: UInt8 = 0x01
    static let refuse: UInt8 = 0x02
    static let invoke: UInt8 = 0x03
    static let requestBody: UInt8 = 0x04
    static let responseCredit: UInt8 = 0x05
    static let cancel: UInt8 = 0x06
    static let drain: UInt8 = 0x07
    static let ping: UInt8 = 0x08
    static let want: UInt8 = 0x09
    static let reclaimed: UInt8 = 0x0A

    // Gateway to scaler.
    static let scalerWelcome: UInt8 = 0x11
    static let scalerRefuse: UInt8 = 0x12
    static let poolDemand: UInt8 = 0x13
    static let poolRemoved: UInt8 = 0x14
    static let snapshotEnd: UInt8 = 0x15
    static let workerLoads: UInt8 = 0x16
    static let scalerPing: UInt8 = 0x17
    static let fired: UInt8 = 0x18
    static let othersClaim: UInt8 = 0x19
    static let othersSilent: UInt8 = 0x1A

    // Worker to gateway.
    static let hello: UInt8 = 0x21
    static let offer: UInt8 = 0x22
    static let response: UInt8 = 0x23
    static let responseBody: UInt8 = 0x24
    static let requestCredit: UInt8 = 0x25
    static let failure: UInt8 = 0x26
    static let leaving: UInt8 = 0x27
    static let startFailed: UInt8 = 0x28
    static let pong: UInt8 = 0x29
    static let reclaim: UInt8 = 0x2A

    // Scaler to gateway.
    static let scalerHello: UInt8 = 0x31
    static let lead: UInt8 = 0x32
    static let poolStatus: UInt8 = 0x33
    static let poolForgotten: UInt8 = 0x34
    static let askLoads: UInt8 = 0x35
    static let scalerPong: UInt8 = 0x36
    static let fire: UInt8 = 0x37
    static let claim: UInt8 = 0x38

    // Launcher to template.
    static let spawn: UInt8 = 0x41
    static let shutdown: UInt8 = 0x42

    // Template to launcher.
    static let ready: UInt8 = 0x61
    static let forked: UInt8 = 0x62
    static let forkFailed: UInt8 = 0x63
    static let exited: UInt8 = 0x64
}
