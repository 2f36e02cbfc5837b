import GRPCNIOTransportHTTP2Posix
import Logging
import NIOCertificateReloading

/// How the scaler's port is secured.
package struct ScalerSecurity: Sendable {
    /// Files of certificate and key.
    package struct Files: Sendable {
        /// The certificate with those that signed it, in PEM.
        package var certificate: String
        package var key: String
        /// Those who may call, by who signed their certificate; `nil` lets everybody.
        package var clientAuthorities: String?

        package init(certificate: String, key: String, clientAuthorities: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientAuthorities = clientAuthorities
        }
    }

    /// Why a certificate or key cannot be used.
    package struct Mistake: Error, CustomStringConvertible {
        package let description: String
    }

    let transport: HTTP2ServerTransport.Posix.TransportSecurity
    /// Reads the files again and again, as certificates are renewed in place.
    let reloader: TimedCertificateReloader?

    /// No TLS.
    package static let plaintext = ScalerSecurity(transport: .plaintext, reloader: nil)

    private init(transport: HTTP2ServerTransport.Posix.TransportSecurity, reloader: TimedCertificateReloader?) {
        self.transport = transport
        self.reloader = reloader
    }

    /// TLS with a certificate that is read anew every minute.
    ///
    /// - Throws: ``Mistake``
    package init(_ files: Files) throws(Mistake) {
        do {
            let reloader = try TimedCertificateReloader.makeReloaderValidatingSources(
                refreshInterval: .seconds(60),
                certificateSource: .init(location: .file(path: files.certificate), format: .pem),
                privateKeySource: .init(location: .file(path: files.key), format: .pem)
            )
            self.init(
                transport: try .tls(certificateReloader: reloader) { config in
                    guard let authorities = files.clientAuthorities else { return }
                    config.trustRoots = .certificates([.file(path: authorities, format: .pem)])
                    config.clientCertificateVerification = .noHostnameVerification
                },
                reloader: reloader
            )
        } catch {
            throw Mistake(description: "\(error)")
        }
    }
}
