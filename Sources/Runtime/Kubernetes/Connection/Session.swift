import FoundationEssentials
import HTTPTransfer
import JSON
import Synchronization
import Text

/// Requests to one API server, with the login that holds.
///
/// HTTP/1.1 on purpose: with HTTP/2 everything would share one connection, and one that died silently would swallow
/// every further request until the system gives it up. Here a request that is out of time takes its connection along.
final class Session: Sendable {
    /// Larger answers than this are taken for a mistake.
    static let maxResponse = 64 << 20
    /// The most that a server's word of waiting is heeded.
    static let longestWait = Duration.seconds(10)

    let configuration: ClusterConfiguration
    private let settings: KubernetesClient.Settings
    private let logins: LoginSource
    private let base: String
    private let connections: Mutex<Connections>

    private struct Connections: Sendable {
        var certificate: HTTPClientConfiguration.PEM?
        var client: HTTPClient?
        var isClosed = false
    }

    init(_ configuration: ClusterConfiguration, settings: KubernetesClient.Settings) {
        self.configuration = configuration
        self.settings = settings
        logins = LoginSource(configuration)
        base = configuration.serverName.map { configuration.server.replacingHost(with: $0) } ?? configuration.server
        connections = Mutex(Connections())
    }

    func close() async {
        let client = connections.withLock { connections in
            connections.isClosed = true
            return connections.client.take()
        }
        await client?.close()
    }

    /// Sends a request and reads its answer.
    ///
    /// - Throws: ``KubernetesError`` for every answer but success.
    func send(_ request: APIRequest) async throws(KubernetesError) -> JSONValue {
        let response = try await exchange(request)
        if response.body.isEmpty { return .null }
        do throws(JSONParseError) {
            return try JSONValue(parsing: response.body, limits: JSONLimits(maxBytes: Self.maxResponse))
        } catch {
            throw .malformed("the answer to \(request.method) \(request.path) is no JSON: \(error)")
        }
    }

    private func exchange(_ request: APIRequest) async throws(KubernetesError) -> HTTPClientResponse {
        var login = try await logins.current()
        var attempts = 1
        var renewed = false
        while true {
            let response: HTTPClientResponse
            do throws(HTTPClientError) {
                response = try await client(for: login).execute(prepare(request, login, timeout: settings.timeout))
            } catch {
                throw .transfer(error)
            }
            if response.isSuccess { return response }
            if response.status == 401, !renewed, let other = try await another(than: login) {
                login = other
                renewed = true
                continue
            }
            let status = Status(response)
            guard attempts < settings.attempts, let wait = status.retryDelay else { throw .status(status) }
            attempts += 1
            do {
                try await Task.sleep(for: min(wait, Self.longestWait))
            } catch {
                throw .transfer(.cancelled)
            }
        }
    }

    /// Sends a request whose answer comes piece by piece.
    func stream(_ request: APIRequest, timeout: Duration?) async throws(KubernetesError) -> HTTPClientBody {
        var login = try await logins.current()
        var renewed = false
        while true {
            let head: HTTPClientResponseHead
            let body: HTTPClientBody
            do throws(HTTPClientError) {
                (head, body) = try await client(for: login).stream(prepare(request, login, timeout: timeout))
            } catch {
                throw .transfer(error)
            }
            if (200..<300).contains(head.status) { return body }
            if head.status == 401, !renewed, let other = try await another(than: login) {
                login = other
                renewed = true
                continue
            }
            throw .status(
                Status(HTTPClientResponse(status: head.status, headers: head.headers, body: await start(of: body)))
            )
        }
    }

    /// As much of a body as an error needs.
    private func start(of body: HTTPClientBody) async -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(HTTPClientError) {
            for try await piece in body {
                bytes += piece
                if bytes.count > 1 << 20 { break }
            }
        } catch {
            // What came is all there is to tell.
        }
        return bytes
    }

    private func another(than refused: Login) async throws(KubernetesError) -> Login? {
        let login = try await logins.current(refused: refused)
        return login == refused ? nil : login
    }

    private func prepare(_ request: APIRequest, _ login: Login, timeout: Duration?) -> HTTPClientRequest {
        var headers: HTTPClientHeaders = ["Accept": request.accept, "User-Agent": settings.userAgent]
        if let type = request.contentType { headers.append("Content-Type", type) }
        if let authorization = login.authorization { headers.append("Authorization", authorization) }
        return HTTPClientRequest(
            method: request.method,
            url: base + request.path + request.queryText,
            headers: headers,
            body: request.body,
            timeout: timeout,
            maxResponseBytes: Self.maxResponse
        )
    }

    private func client(for login: Login) throws(HTTPClientError) -> HTTPClient {
        let client = connections.withLock { connections -> HTTPClient? in
            if connections.isClosed { return nil }
            if let client = connections.client, connections.certificate == login.certificate { return client }
            let client = HTTPClient(configuration: transferConfiguration(login))
            connections.client = client
            connections.certificate = login.certificate
            return client
        }
        guard let client else { throw .closed }
        return client
    }

    private func transferConfiguration(_ login: Login) -> HTTPClientConfiguration {
        HTTPClientConfiguration(
            connectTimeout: settings.connectTimeout,
            authorities: configuration.authorities,
            certificate: login.certificate,
            privateKey: login.key,
            // As with kubectl: what is on this machine is behind no proxy.
            usesProxies: !configuration.server.isLoopback,
            proxy: configuration.proxy,
            connectsTo: configuration.serverName == nil ? nil : configuration.server.hostAndPort,
            offersHTTP2: false,
            keepAlive: .seconds(15)
        )
    }
}

/// A request to the API server, before it is known who asks.
struct APIRequest: Sendable {
    var method = "GET"
    /// Begins with a slash, percent-encoded.
    var path: String
    var query: [(name: String, value: String)] = []
    var contentType: String?
    var body: [UInt8] = []
    var accept = "application/json"

    var queryText: String {
        query.isEmpty
            ? "" : "?" + query.map { "\($0.name)=\($0.value.percentEncoded)" }.joined(separator: "&")
    }
}

extension String {
    /// With everything but unreserved characters as percent escapes (RFC 3986).
    var percentEncoded: String {
        var text = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }

    /// `host:port` of a URL.
    fileprivate var hostAndPort: String {
        let authority = self.authority
        let hasPort = authority.last?.isNumber == true && authority.contains(":") && authority.last != "]"
        let isBareV6 = authority.hasSuffix("]")
        if hasPort, !isBareV6 { return String(authority) }
        return "\(authority):\(hasPrefix("https://") ? 443 : 80)"
    }

    /// Whether a URL's host is this machine.
    fileprivate var isLoopback: Bool {
        authority.hasPrefix("127.") || authority.hasPrefix("localhost") || authority.hasPrefix("[::1]")
    }

    fileprivate var authority: Substring {
        let start = end(ofFirst: "://") ?? startIndex
        let end = self[start...].firstIndex(of: "/") ?? endIndex
        return self[start..<end]
    }

    fileprivate func replacingHost(with name: String) -> String {
        let authority = self.authority
        let port = hostAndPort.split(separator: ":").last ?? "443"
        return String(self[..<authority.startIndex]) + "\(name):\(port)" + String(self[authority.endIndex...])
    }
}
