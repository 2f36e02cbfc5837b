// ScalingTests
