/// The metrics an HPA is made with.
package struct GetMetricSpecResponse: WireMessage {
    package var metricSpecs: [MetricSpec] = []

    package init() {}

    package init(metricSpecs: [MetricSpec]) { self.metricSpecs = metricSpecs }

    package mutating func read(_ field: WireField) throws(WireError) {
        guard field.number == 1, let bytes = field.bytes else { return }
        var spec = MetricSpec()
        try spec.merge(bytes)
        metricSpecs.append(spec)
    }

    package func write(to writer: inout WireWriter) {
        for spec in metricSpecs { writer.message(1, spec) }
    }
}

/// A metric's name and the value a replica should have of it.
package struct MetricSpec: WireMessage {
    package var metricName = ""
    /// What KEDA up to 2.16 reads; it knows no fractions.
    package var targetSize: Int64 = 0
    package var targetSizeFloat = 0.0

    package init() {}

    package init(metricName: String, targetSize: Int64, targetSizeFloat: Double) {
        self.metricName = metricName
        self.targetSize = targetSize
        self.targetSizeFloat = targetSizeFloat
    }

    package mutating func read(_ field: WireField) throws(WireError) {
        switch field.number {
        case 1: metricName = try field.text() ?? metricName
        case 2: targetSize = field.integer ?? targetSize
        case 3: targetSizeFloat = field.double ?? targetSizeFloat
        default: break
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.text(1, metricName)
        writer.integer(2, targetSize)
        writer.double(3, targetSizeFloat)
    }
}

/// The question for a metric's value now.
package struct GetMetricsRequest: WireMessage {
    package var scaledObjectRef = ScaledObjectRef()
    /// As `GetMetricSpec` named it.
    package var metricName = ""

    package init() {}

    package init(scaledObjectRef: ScaledObjectRef, metricName: String) {
        self.scaledObjectRef = scaledObjectRef
        self.metricName = metricName
    }

    package mutating func read(_ field: WireField) throws(WireError) {
        switch field.number {
        case 1: if let bytes = field.bytes { try scaledObjectRef.merge(bytes) }
        case 2: metricName = try field.text() ?? metricName
        default: break
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.message(1, scaledObjectRef)
        writer.text(2, metricName)
    }
}

/// Metrics' values now.
package struct GetMetricsResponse: WireMessage {
    package var metricValues: [MetricValue] = []

    package init() {}

    package init(metricValues: [MetricValue]) { self.metricValues = metricValues }

    package mutating func read(_ field: WireField) throws(WireError) {
        guard field.number == 1, let bytes = field.bytes else { return }
        var value = MetricValue()
        try value.merge(bytes)
        metricValues.append(value)
    }

    package func write(to writer: inout WireWriter) {
        for value in metricValues { writer.message(1, value) }
    }
}

/// A metric's value now.
package struct MetricValue: WireMessage {
    package var metricName = ""
    /// What KEDA up to 2.16 reads, and later versions where the other is 0.
    package var metricValue: Int64 = 0
    package var metricValueFloat = 0.0

    package init() {}

    package init(metricName: String, metricValue: Int64, metricValueFloat: Double) {
        self.metricName = metricName
        self.metricValue = metricValue
        self.metricValueFloat = metricValueFloat
    }

    package mutating func read(_ field: WireField) throws(WireError) {
        switch field.number {
        case 1: metricName = try field.text() ?? metricName
        case 2: metricValue = field.integer ?? metricValue
        case 3: metricValueFloat = field.double ?? metricValueFloat
        default: break
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.text(1, metricName)
        writer.integer(2, metricValue)
        writer.double(3, metricValueFloat)
    }
}
