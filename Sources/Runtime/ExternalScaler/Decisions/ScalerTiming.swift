/// The times the scaler reckons with.
package struct ScalerTiming: Hashable, Sendable {
    /// For how long after the first gateway is seen workers may still be connecting to it.
    package var settling = Duration.seconds(10)
    /// After how long activation is said again while requests wait and no worker is there: KEDA tries but once.
    package var repetition = Duration.seconds(5)
    /// How long a worker is kept that was there before, where the limits do not say.
    package var keep = Duration.seconds(60)
    /// How long a worker takes to start, until one was seen to.
    package var start = Duration.seconds(2)
    /// What takes longer was no start but something that kept a worker from coming.
    package var longestStart = Duration.seconds(120)

    package init() {}
}
