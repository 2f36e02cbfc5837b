package import FunctionKit

/// `GET /api/openapi.yaml`: the description of the API.
package struct GetOpenAPI: HTTPFunction {
    package init(context: FunctionContext) {}

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        .bytes(Array(OpenAPIDocument.yaml.utf8), contentType: "application/yaml")
    }
}
