import Events
import HTTPTransfer
package import ImageFormat
import JSON
import Synchronization

/// What is asked of registries, signed in as they want it.
///
/// Follows the OCI distribution specification 1.1 and Docker's token authentication. Credentials and tokens are shown
/// to the registry they are for, and to the server of its tokens, and to nobody a redirect leads to.
package final class RegistrySession: Sendable {
    /// Where credentials come from: nothing where there are none for a registry.
    package typealias CredentialSource = @Sendable (ImageReference) async throws -> RegistryCredentials?

    private let http = HTTPClient(configuration: HTTPClientConfiguration(connectTimeout: .seconds(10)))
    private let credentials: CredentialSource
    private let usesPlainHTTP: Bool
    private let known = Mutex<[String: String]>([:])
    private let looked = Mutex<[String: RegistryCredentials?]>([:])

    /// - Parameters:
    ///   - usesPlainHTTP: Whether all registries are spoken to without TLS; those on loopback always are.
    ///   - credentials: Where credentials come from.
    package init(usesPlainHTTP: Bool, credentials: @escaping CredentialSource) {
        self.usesPlainHTTP = usesPlainHTTP
        self.credentials = credentials
    }

    package func close() async {
        await http.close()
    }

    /// What may be done in a repository.
    struct Access {
        var repository: ImageReference
        var isWriting: Bool
        /// A repository of the same registry to take blobs from.
        var source: String?

        var scopes: [String] {
            ["repository:\(repository.repository):\(isWriting ? "pull,push" : "pull")"]
                + (source.map { ["repository:\($0):pull"] } ?? [])
        }
    }

    /// The URL of a path below `/v2/` and the repository.
    func url(_ reference: ImageReference, _ path: String) -> String {
        "\(origin(of: reference))/v2/\(reference.repository)/\(path)"
    }

    /// A location that the registry named, whole.
    func absolute(_ location: String, at reference: ImageReference) -> String {
        location.hasPrefix("/") ? origin(of: reference) + location : location
    }

    /// Sends a request, signs in where that is asked for, follows redirects, and tries again what may pass.
    ///
    /// `what`: What it is for, as in "the registry refuses to …".
    /// Throws ``RegistryError`` when no answer comes or it wants other credentials.
    func send(
        _ request: HTTPClientRequest,
        access: Access,
        what: String,
        attempts: Int = 4
    ) async throws
        -> HTTPClientResponse
    {
        var attempt = 1
        while true {
            var retryAfter: Duration?
            do throws(RegistryError) {
                let response = try await sendOnce(request, access: access, what: what)
                guard [408, 429, 500, 502, 503, 504].contains(response.status), attempt < attempts else {
                    return response
                }
                retryAfter = response.headers["Retry-After"].flatMap { Int($0) }.map { .seconds(min($0, 30)) }
            } catch {
                guard error.isTransient, attempt < attempts else { throw error }
            }
            try await Task.sleep(for: retryAfter ?? .milliseconds(100 << attempt))
            attempt += 1
        }
    }

    private func sendOnce(
        _ request: HTTPClientRequest,
        access: Access,
        what: String
    ) async throws(RegistryError)
        -> HTTPClientResponse
    {
        let registry = access.repository.registry
        let key = ([registry] + access.scopes).joined(separator: " ")
        var request = request
        let isOwn = request.url.hasPrefix(origin(of: access.repository) + "/")
        if isOwn, let authorization = known.withLock({ $0[key] }) { request.headers["Authorization"] = authorization }
        var response = try await execute(request, registry: registry)
        if response.status == 401, isOwn {
            guard let authorization = try await signIn(response, access: access, what: what) else {
                throw .unauthorized(registry: registry, what: what, hadCredentials: hasCredentials(registry))
            }
            known.withLock { $0[key] = authorization }
            request.headers["Authorization"] = authorization
            response = try await execute(request, registry: registry)
        }
        if response.status == 401 || response.status == 403 {
            throw .unauthorized(registry: registry, what: what, hadCredentials: hasCredentials(registry))
        }
        var hops = 0
        while request.method == "GET", [301, 302, 303, 307, 308].contains(response.status), hops < 5,
            let location = response.headers["Location"]
        {
            hops += 1
            request.url = absolute(location, at: access.repository)
            if !request.url.hasPrefix(origin(of: access.repository) + "/") { request.headers["Authorization"] = nil }
            response = try await execute(request, registry: registry)
        }
        return response
    }

    private func execute(
        _ request: HTTPClientRequest,
        registry: String
    ) async throws(RegistryError)
        -> HTTPClientResponse
    {
        do throws(HTTPClientError) {
            return try await http.execute(request)
        } catch {
            throw .unreachable(registry: registry, error)
        }
    }

    // MARK: Signing in

    /// The `Authorization` that a challenge asks for; nothing where there are no credentials for it.
    private func signIn(
        _ response: HTTPClientResponse,
        access: Access,
        what: String
    ) async throws(RegistryError)
        -> String?
    {
        let registry = access.repository.registry
        let challenges = response.headers.values(of: "WWW-Authenticate").compactMap { Challenge($0) }
        let shown = try await lookUp(access.repository)
        for challenge in challenges {
            guard case .bearer(let realm, let service, _) = challenge else { continue }
            return try await token(realm: realm, service: service, access: access, shown: shown, what: what)
        }
        guard challenges.contains(.basic) else {
            throw .malformed(registry: registry, what: "it asks for credentials and does not say which")
        }
        guard case .password(let user, let password) = shown else { return nil }
        return "Basic " + Base64.encode(Array("\(user):\(password)".utf8))
    }

    private func token(
        realm: String,
        service: String?,
        access: Access,
        shown: RegistryCredentials?,
        what: String
    ) async throws(RegistryError) -> String {
        let registry = access.repository.registry
        guard realm.hasPrefix("https://") || realm.hasPrefix("http://") && speaksPlainly(access.repository) else {
            throw .malformed(registry: registry, what: "its tokens are to be asked for without TLS at \(realm)")
        }
        var request: HTTPClientRequest
        if case .refreshToken(let refresh) = shown {
            var form = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", "shopfn")]
            form += [("scope", access.scopes.joined(separator: " "))] + (service.map { [("service", $0)] } ?? [])
            request = HTTPClientRequest(method: "POST", url: realm, body: Array(Self.form(form).utf8))
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        } else {
            let query = (service.map { [("service", $0)] } ?? []) + access.scopes.map { ("scope", $0) }
            request = HTTPClientRequest(url: realm + (realm.contains("?") ? "&" : "?") + Self.form(query))
            if case .password(let user, let password) = shown {
                request.headers["Authorization"] = "Basic " + Base64.encode(Array("\(user):\(password)".utf8))
            }
        }
        let response = try await execute(request, registry: registry)
        guard response.status != 401, response.status != 403 else {
            throw .unauthorized(registry: registry, what: what, hadCredentials: shown != nil)
        }
        guard response.isSuccess, let answer = try? JSONValue(parsing: response.body),
            let token = (answer["token"] ?? answer["access_token"])?.stringValue
        else {
            throw .malformed(
                registry: registry,
                what: "its server of tokens answers \(response.status) without a token"
            )
        }
        return "Bearer \(token)"
    }

    private func lookUp(_ reference: ImageReference) async throws(RegistryError) -> RegistryCredentials? {
        if let found = looked.withLock({ $0[reference.registry] }) { return found }
        let found: RegistryCredentials?
        do {
            found = try await credentials(reference)
        } catch {
            throw .refused(
                registry: reference.registry,
                what: "be used: credentials cannot be had",
                status: 401,
                code: nil,
                message: "\(error)"
            )
        }
        looked.withLock { $0[reference.registry] = .some(found) }
        return found
    }

    private func hasCredentials(_ registry: String) -> Bool {
        looked.withLock { ($0[registry] ?? nil) != nil }
    }

    private func speaksPlainly(_ reference: ImageReference) -> Bool { usesPlainHTTP || reference.isOnLoopback }

    private func origin(of reference: ImageReference) -> String {
        "\(speaksPlainly(reference) ? "http" : "https")://\(reference.registry)"
    }

    static func form(_ members: [(String, String)]) -> String {
        members.map { "\($0.0)=\(PercentEncoding.encode($0.1, keeping: Array("-._~".utf8)))" }.joined(separator: "&")
    }
}
