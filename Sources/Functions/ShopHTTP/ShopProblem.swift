package import FunctionKit
package import ShopRules

/// The problems of the shop. Their types are part of the API and never change.
extension Problem {
    /// Puts a problem of the shop together.
    package static func shop(
        _ kind: String,
        _ status: HTTPStatus,
        _ title: String,
        _ detail: String,
        extensions: JSONObject = JSONObject(),
        headers: HTTPHeaders = [:]
    ) -> Problem {
        Problem(
            status: status,
            type: "urn:shopfn:problem:\(kind)",
            title: title,
            detail: detail,
            extensions: extensions,
            headers: headers
        )
    }

    /// 404: there is no such product.
    package static func productNotFound(_ id: String) -> Problem {
        shop("product-not-found", .notFound, "Product Not Found", "There is no product '\(id.prefix(80))'.")
    }

    /// 422: fields of the request are wrong; each is named.
    package static func invalid(_ input: InvalidInput) -> Problem {
        let errors = input.mistakes.map { mistake -> JSONValue in
            var error = JSONObject()
            error["field"] = .string(mistake.field)
            switch mistake.place {
            case .body(let pointer):
                error["in"] = "body"
                error["pointer"] = .string(pointer)
            case .query: error["in"] = "query"
            case .path: error["in"] = "path"
            case .header: error["in"] = "header"
            }
            error["detail"] = .string(mistake.detail)
            return .object(error)
        }
        let fields = input.mistakes.map(\.field).joined(separator: ", ")
        return shop(
            "invalid-input",
            .unprocessableContent,
            "Invalid Input",
            "These fields are wrong: \(fields). The list 'errors' says how to mend each.",
            extensions: JSONObject([("errors", .array(errors))])
        )
    }
}

/// Runs what uses the shop's rules and state, and turns their errors into problems where the caller made them.
package func answering<Answer>(_ work: () async throws -> Answer) async throws -> Answer {
    do {
        return try await work()
    } catch let input as InvalidInput {
        throw Problem.invalid(input)
    }
}
