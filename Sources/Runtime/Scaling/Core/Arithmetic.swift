#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The natural logarithm.
func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// e raised to a power.
func exponential(_ power: Double) -> Double { exp(power) }
