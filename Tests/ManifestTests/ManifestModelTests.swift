import Manifest
import Routing
import Testing

@Suite struct ManifestModelTests {
    static let shop = """
        # The shop.
        version: 1
        service: shop
        defaults: { timeout: 10s, concurrency: 16, memory: 128Mi, queue: 1000,
                    environment: { REGION: eu, LEVEL: info },
                    scale: { min: 0, max: 8, idle: 60s } }
        functions:
          list-products:
            module: catalog
            handler: ListProducts
            route: GET /api/products
          place-order:
            module: checkout
            handler: PlaceOrder
            route: POST /api/checkout
            timeout: 15s
            maxBody: 64Ki
            retry: never
            environment: { PAYMENT_URL: "${PAYMENT_URL:-http://127.0.0.1:8080/api/payments}", LEVEL: debug }
            scale: { max: 16, idle: 2m, policy: concurrency, target: 12.5, stable: 90s }
          recover-orders:
            module: checkout
            handler: RecoverOrders
            schedule: every 10s
        """

    @Test func readsEveryPartAndAppliesDefaults() throws {
        let reading = read(Self.shop)
        #expect(brief(reading) == [])
        let manifest = try #require(reading.manifest)
        #expect(manifest.service == "shop")
        #expect(manifest.functions.map(\.name) == ["list-products", "place-order", "recover-orders"])
        #expect(manifest.modules == ["catalog", "checkout"])

        let list = try #require(manifest.function(named: "list-products"))
        #expect(list.module == "catalog" && list.handler == "ListProducts")
        #expect(list.trigger == .http(try RoutePattern("GET /api/products")))
        #expect(list.timeout == .seconds(10) && list.concurrency == 16 && list.memory == 128 << 20)
        #expect(list.queue == 1_000 && list.maxBody == 6 << 20 && list.retry == .idempotent)
        #expect(list.environment == [.init(name: "REGION", value: "eu"), .init(name: "LEVEL", value: "info")])
        #expect(list.scale == ScaleDeclaration(min: 0, max: 8, idle: .seconds(60)))

        let order = try #require(manifest.function(named: "place-order"))
        #expect(order.timeout == .seconds(15) && order.maxBody == 65_536 && order.retry == .never)
        #expect(
            order.environment == [
                .init(name: "REGION", value: "eu"),
                .init(name: "PAYMENT_URL", value: "http://127.0.0.1:8080/api/payments"),
                .init(name: "LEVEL", value: "debug"),
            ]
        )
        #expect(order.scale.max == 16 && order.scale.idle == .seconds(120))
        #expect(order.scale.policy.specification == "concurrency:target=12.5,stable=90s")

        #expect(manifest.function(named: "recover-orders")?.trigger == .schedule(.every(.seconds(10))))
    }

    @Test func aManifestWithoutDefaultsHasOurs() throws {
        let function = try #require(read(withFunction()).manifest?.functions.first)
        #expect(function.timeout == .seconds(10) && function.concurrency == 32 && function.memory == 128 << 20)
        #expect(function.queue == 1_000 && function.maxBody == 6 << 20 && function.environment.isEmpty)
        #expect(function.scale == ScaleDeclaration(min: 0, max: 8, idle: nil))
        #expect(function.scale.policy.specification == "adaptive")
    }

    @Test func equalTextsGiveEqualManifestsWhateverTheirLayout() {
        let flow = """
            {version: 1, service: "shop", functions: {list-products:
              {route: GET /api/products, handler: 'ListProducts', module: catalog}}}
            """
        #expect(read(flow).manifest == read(withFunction()).manifest)
        #expect(read(withFunction().replacing("\n", with: "\r\n")).manifest == read(withFunction()).manifest)
        #expect(read("\u{FEFF}" + withFunction()).manifest == read(withFunction()).manifest)
    }

    @Test func anchorsAliasesAndMergeKeysWork() throws {
        let manifest = try #require(
            read(
                """
                version: 1
                service: shop
                x-common: &common
                  module: catalog
                  timeout: &long 1m
                x-more: &more { queue: 5, timeout: 2m }
                functions:
                  a: { <<: *common, handler: A, route: GET /a }
                  b: { <<: [*common, *more], handler: B, route: GET /b, concurrency: 3 }
                  c: { <<: *common, timeout: 5s, handler: C, route: GET /c }
                  d: { module: catalog, handler: D, route: GET /d, timeout: *long }
                """
            ).manifest
        )
        #expect(manifest.functions.map(\.module) == ["catalog", "catalog", "catalog", "catalog"])
        #expect(manifest.functions.map(\.timeout) == [.seconds(60), .seconds(60), .seconds(5), .seconds(60)])
        #expect(manifest.functions.map(\.queue) == [1_000, 5, 1_000, 1_000])
    }

    @Test func aFunctionKeepsTheDefaultsPolicyUnlessItNamesAnother() throws {
        let manifest = try #require(
            read(
                """
                version: 1
                service: shop
                defaults: { scale: { policy: concurrency, target: 5, panic: 6s } }
                functions:
                  a: { module: m, handler: A, route: GET /a }
                  b: { module: m, handler: B, route: GET /b, scale: { target: 7 } }
                  c: { module: m, handler: C, route: GET /c, scale: { policy: adaptive, cost: lean } }
                  d: { module: m, handler: D, route: GET /d, scale: { policy: adaptive, cost: 0.25 } }
                """
            ).manifest
        )
        #expect(
            manifest.functions.map(\.scale.policy.specification) == [
                "concurrency:target=5,panic=6s", "concurrency:panic=6s,target=7", "adaptive:cost=lean",
                "adaptive:cost=0.25",
            ]
        )
    }

    @Test func onlyTheFixedPolicyHasAnIdleTimeOfItsOwn() throws {
        let manifest = try #require(
            read(
                """
                version: 1
                service: shop
                functions:
                  a: { module: m, handler: A, route: GET /a, scale: { policy: fixed } }
                  b: { module: m, handler: B, route: GET /b, scale: { policy: fixed, idle: 5s } }
                  c: { module: m, handler: C, route: GET /c, scale: { policy: hybrid } }
                  d: { module: m, handler: D, route: GET /d, scale: { idle: 10m } }
                """
            ).manifest
        )
        #expect(manifest.functions.map(\.scale.idle) == [.seconds(60), .seconds(5), nil, .seconds(600)])
    }

    @Test func schedulesAndWindowsAreRead() throws {
        let manifest = try #require(
            read(
                """
                version: 1
                service: shop
                functions:
                  a: { module: m, handler: A, schedule: "*/5 8-18 * * mon-fri" }
                  b: { module: m, handler: B, schedule: { cron: 0 3 1 */2 *, timezone: Europe/Berlin } }
                  c: { module: m, handler: C, schedule: { every: 90s } }
                  d:
                    module: m
                    handler: D
                    route: GET /d
                    scale:
                      max: 4
                      schedule:
                        - { start: 0 8 * * mon-fri, end: 0 20 * * mon-fri, timezone: Europe/Berlin, min: 2 }
                        - { start: 0 0 24 12 *, end: 0 0 27 12 *, min: 4 }
                """
            ).manifest
        )
        #expect(
            manifest.functions.prefix(3).map { function in
                if case .schedule(let schedule) = function.trigger { schedule.text } else { "" }
            } == ["*/5 8-18 * * mon-fri", "0 3 1 */2 * (Europe/Berlin)", "every 90s"]
        )
        let windows = try #require(manifest.function(named: "d")?.scale.windows)
        #expect(windows.map(\.timeZone) == ["Europe/Berlin", "UTC"])
        #expect(windows.map(\.min) == [2, 4])
        #expect(windows.first?.start.hours == 1 << 8)
    }

    @Test func placesPointAtWhatTheyName() throws {
        let place = try #require(read(withFunction()).places["list-products"])
        #expect(place.name == SourcePosition(line: 5, column: 3, length: 13))
        #expect(place.module == SourcePosition(line: 6, column: 13, length: 7))
        #expect(place.handler == SourcePosition(line: 7, column: 14, length: 12))
        #expect(place.trigger == SourcePosition(line: 8, column: 12, length: 17))
    }
}
