import Routing

/// Functions and what they share with `defaults`.
extension ManifestChecker {
    mutating func function(
        _ entry: YAMLEntry,
        defaults: Settings,
        into findings: inout Findings
    ) -> FunctionDeclaration? {
        let what = "the function '\(entry.key)'"
        guard
            let fields = fields(
                of: entry.value,
                known: ManifestKeys.function,
                what: what,
                at: entry.keyPosition
            )
        else { return nil }
        let module = required("module", fields, at: entry.keyPosition, in: what).flatMap { entry in
            name(entry, what: "module").map { Located(value: $0, position: entry.value.position) }
        }
        let handler = required("handler", fields, at: entry.keyPosition, in: what).flatMap { handlerName($0) }
        let trigger = trigger(fields, at: entry.keyPosition, in: what)
        let settings = settings(fields, defaults: defaults)
        let scale = scale(own: settings.scale, defaults: defaults.scale)
        if let module {
            findings.handlers.append(HandlerReference(function: entry.key, module: module, handler: handler))
        }
        if let trigger, let route = trigger.value.route {
            let located = Located(value: route, position: trigger.position)
            findings.routes.append(RouteReference(function: entry.key, route: located))
        }
        guard let module, let handler, let trigger, let scale else { return nil }
        findings.places[entry.key] = FunctionPlaces(
            name: entry.keyPosition,
            module: module.position,
            handler: handler.position,
            trigger: trigger.position
        )
        return FunctionDeclaration(
            name: entry.key,
            module: module.value,
            handler: handler.value,
            trigger: trigger.value,
            timeout: settings.timeout ?? defaults.timeout ?? FunctionDeclaration.defaultTimeout,
            concurrency: settings.concurrency ?? defaults.concurrency ?? FunctionDeclaration.defaultConcurrency,
            memory: settings.memory ?? defaults.memory ?? FunctionDeclaration.defaultMemory,
            queue: settings.queue ?? defaults.queue ?? FunctionDeclaration.defaultQueue,
            maxBody: settings.maxBody ?? defaults.maxBody ?? FunctionDeclaration.defaultMaxBody,
            retry: settings.retry ?? defaults.retry ?? .idempotent,
            environment: Self.merged(defaults.environment, settings.environment),
            scale: scale
        )
    }

    /// What functions may set and `defaults` may set for all of them.
    mutating func settings(_ fields: [String: YAMLEntry], defaults: Settings) -> Settings {
        var settings = Settings()
        settings.timeout = fields["timeout"].flatMap { duration($0, range: .milliseconds(1)...(.seconds(3_600))) }
        settings.concurrency = fields["concurrency"].flatMap { whole($0, range: 1...10_000)?.value }
        settings.memory = fields["memory"].flatMap { size($0, range: (16 << 20)...(1 << 40)) }
        settings.queue = fields["queue"].flatMap { whole($0, range: 0...1_000_000)?.value }
        settings.maxBody = fields["maxBody"].flatMap { size($0, range: 0...(1 << 30)) }
        settings.retry = fields["retry"]
            .flatMap { word($0, of: RetryRule.allCases.map(\.rawValue)) }
            .flatMap { RetryRule(rawValue: $0.value) }
        settings.environment = fields["environment"].map { environment($0) } ?? []
        settings.scale = fields["scale"].map { scaleSettings($0, defaults: defaults.scale) } ?? ScaleSettings()
        return settings
    }

    private mutating func handlerName(_ entry: YAMLEntry) -> Located<String>? {
        guard let (text, _, position) = scalar(entry, example: "ListProducts") else { return nil }
        if Naming.isTypeName(text) { return Located(value: text, position: position) }
        report(
            .badName,
            position,
            "'\(text)' is no name of a Swift type",
            fix: "write the handler's type name, as in ListProducts, without its module"
        )
        return nil
    }

    private mutating func trigger(
        _ fields: [String: YAMLEntry],
        at position: SourcePosition,
        in what: String
    ) -> Located<Trigger>? {
        switch (fields["route"], fields["schedule"]) {
        case (let route?, nil):
            return self.route(route)
        case (nil, let schedule?):
            return self.schedule(schedule).map { Located(value: .schedule($0), position: schedule.value.position) }
        case (let route?, let schedule?):
            report(
                .conflictingKeys,
                schedule.keyPosition,
                "\(what) has both a route and a schedule",
                fix: "keep one; declare a second function with the same handler for the other",
                related: [.init(position: route.keyPosition, message: "the route is here")]
            )
            return nil
        case (nil, nil):
            report(
                .missingKey,
                position,
                "\(what) has no 'route' and no 'schedule', so nothing invokes it",
                fix: "add 'route: GET /path', or 'schedule: every 10s'"
            )
            return nil
        }
    }

    private mutating func route(_ entry: YAMLEntry) -> Located<Trigger>? {
        guard let (text, _, position) = scalar(entry, example: "GET /api/products") else { return nil }
        do {
            return Located(value: .http(try RoutePattern(text)), position: position)
        } catch {
            var place = position
            // The column counts within the text; it is true of the line only where the text stands there as it is.
            if place.length == text.unicodeScalars.count {
                place.column += error.column - 1
                place.length = max(1, place.length - error.column + 1)
            }
            let (problem, fix) = error.clauses
            report(.badRoute, place, problem, fix: fix)
            return nil
        }
    }

    private mutating func environment(_ entry: YAMLEntry) -> [EnvironmentVariable] {
        guard let entries = mapping(entry.value, what: "'environment'", at: entry.keyPosition) else { return [] }
        var variables: [EnvironmentVariable] = []
        for entry in entries {
            guard Interpolation.isName(entry.key) else {
                report(
                    .badName,
                    entry.keyPosition,
                    "'\(entry.key)' is no name for a variable",
                    fix: "use letters, digits and '_', first no digit"
                )
                continue
            }
            guard !entry.key.hasPrefix("SHOPFN_") else {
                report(
                    .badName,
                    entry.keyPosition,
                    "'\(entry.key)' is a name the runtime keeps for itself",
                    fix: "choose a name that does not start with SHOPFN_"
                )
                continue
            }
            guard let (text, _, position) = scalar(entry, example: "\"\"") else { continue }
            guard !text.utf8.contains(0) else {
                report(.badValue, position, "a variable cannot hold a NUL character", fix: "remove it")
                continue
            }
            variables.append(EnvironmentVariable(name: entry.key, value: text))
        }
        return variables
    }

    private static func merged(
        _ defaults: [EnvironmentVariable],
        _ own: [EnvironmentVariable]
    ) -> [EnvironmentVariable] {
        guard !defaults.isEmpty else { return own }
        let names = Set(own.map(\.name))
        return defaults.filter { !names.contains($0.name) } + own
    }
}
