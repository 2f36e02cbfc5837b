/// A final HTTP status.
public struct HTTPStatus: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The number; 200 to 599 can be answered.
    public let rawValue: Int

    /// Takes any number; one that is no final status is refused when it is answered.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Takes any number; one that is no final status is refused when it is answered.
    public init(integerLiteral value: Int) {
        rawValue = value
    }

    /// The status 200.
    public static let ok: HTTPStatus = 200
    /// The status 201.
    public static let created: HTTPStatus = 201
    /// The status 202.
    public static let accepted: HTTPStatus = 202
    /// The status 204.
    public static let noContent: HTTPStatus = 204
    /// The status 303.
    public static let seeOther: HTTPStatus = 303
    /// The status 304.
    public static let notModified: HTTPStatus = 304
    /// The status 400.
    public static let badRequest: HTTPStatus = 400
    /// The status 401.
    public static let unauthorized: HTTPStatus = 401
    /// The status 402.
    public static let paymentRequired: HTTPStatus = 402
    /// The status 403.
    public static let forbidden: HTTPStatus = 403
    /// The status 404.
    public static let notFound: HTTPStatus = 404
    /// The status 409.
    public static let conflict: HTTPStatus = 409
    /// The status 410.
    public static let gone: HTTPStatus = 410
    /// The status 412.
    public static let preconditionFailed: HTTPStatus = 412
    /// The status 413.
    public static let contentTooLarge: HTTPStatus = 413
    /// The status 415.
    public static let unsupportedMediaType: HTTPStatus = 415
    /// The status 422.
    public static let unprocessableContent: HTTPStatus = 422
    /// The status 429.
    public static let tooManyRequests: HTTPStatus = 429
    /// The status 500.
    public static let internalServerError: HTTPStatus = 500
    /// The status 502.
    public static let badGateway: HTTPStatus = 502
    /// The status 503.
    public static let serviceUnavailable: HTTPStatus = 503
    /// The status 504.
    public static let gatewayTimeout: HTTPStatus = 504
}
