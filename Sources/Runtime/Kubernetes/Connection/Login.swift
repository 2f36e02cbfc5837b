import FoundationEssentials
import HTTPTransfer

/// What a client shows to the server for a while.
struct Login: Hashable, Sendable {
    /// The value of the header field `Authorization`.
    var authorization: String?
    var certificate: HTTPClientConfiguration.PEM?
    var key: HTTPClientConfiguration.PEM?
    /// When it must be renewed; `nil` where nothing says so.
    var expires: Date?
}

/// Gives logins and renews them.
actor LoginSource {
    /// A token's file is read again after this time: the kubelet renews it at 80 % of its life.
    static let fileAge = Duration.seconds(10)
    /// A login that expires so soon is renewed at once.
    static let margin = TimeInterval(30)

    private let configuration: ClusterConfiguration
    private var login: Login?
    private var taken = ContinuousClock.now
    private var renewal: Task<Result<Login, KubernetesError>, Never>?

    init(_ configuration: ClusterConfiguration) {
        self.configuration = configuration
    }

    /// The login to use now; where the server just `refused` one, another is sought.
    func current(refused: Login? = nil) async throws(KubernetesError) -> Login {
        if let login, login != refused, isFresh(login) { return login }
        if let renewal { return try await renewal.value.get() }
        // Whoever comes meanwhile waits for the same: a plugin may take seconds and ask its user.
        let configuration = configuration
        let task = Task { () -> Result<Login, KubernetesError> in
            do throws(KubernetesError) {
                return .success(try await Self.make(configuration))
            } catch {
                return .failure(error)
            }
        }
        renewal = task
        let result = await task.value
        renewal = nil
        if case .success(let new) = result {
            login = new
            taken = .now
        }
        return try result.get()
    }

    private func isFresh(_ login: Login) -> Bool {
        if case .tokenFile = configuration.credentials { return .now - taken < Self.fileAge }
        guard let expires = login.expires else { return true }
        return expires.timeIntervalSinceNow > Self.margin
    }

    private static func make(_ configuration: ClusterConfiguration) async throws(KubernetesError) -> Login {
        switch configuration.credentials {
        case .none: return Login()
        case .token(let token): return Login(authorization: "Bearer \(token)")
        case .tokenFile(let path):
            do throws(ClusterConfigurationError) {
                return Login(authorization: "Bearer \(try TextFile.read(path).trimmed)")
            } catch {
                throw .credentials("the token \(error)")
            }
        case .basic(let user, let password):
            return Login(authorization: "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())")
        case .certificate(let certificate, let key): return Login(certificate: certificate, key: key)
        case .exec(let plugin): return try await plugin.run(for: configuration)
        }
    }
}
