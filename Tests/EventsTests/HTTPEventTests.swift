import Events
import JSON
import Testing

@Suite struct HTTPEventTests {
    static let event = HTTPEvent(
        method: "POST",
        path: "/api/caf%C3%A9",
        query: "a=1&a=2%203&b",
        headers: [
            .init("Host", "shop.example"), .init("X-Tag", "one"), .init("x-tag", "two"),
            .init("Cookie", "session=1; theme=dark"), .init("User-Agent", "test"),
        ],
        pathParameters: [.init("product", "café")],
        body: Array("{\"n\":1}".utf8),
        sourceAddress: "192.0.2.1",
        requestID: "r-1"
    )
    /// 2020-03-04T15:09:48.390Z.
    static let time = EventTime(milliseconds: 1_583_348_638_390)

    @Test func payloadTwoIsAsAPIGatewayDocumentsIt() {
        let json = Self.event.json(version: .two, time: Self.time, routeKey: "POST /api/{product}")
        #expect(json["version"] == "2.0")
        #expect(json["routeKey"] == "POST /api/{product}")
        #expect(json["rawPath"] == "/api/caf%C3%A9")
        #expect(json["rawQueryString"] == "a=1&a=2%203&b")
        #expect(json["cookies"] == ["session=1", "theme=dark"])
        #expect(json["headers"]?["x-tag"] == "one,two")
        #expect(json["headers"]?["cookie"] == nil)
        #expect(json["queryStringParameters"] == ["a": "1,2 3", "b": ""])
        #expect(json["pathParameters"] == ["product": "café"])
        #expect(json["requestContext"]?["http"]?["method"] == "POST")
        #expect(json["requestContext"]?["http"]?["sourceIp"] == "192.0.2.1")
        #expect(json["requestContext"]?["time"] == "04/Mar/2020:19:03:58 +0000")
        #expect(json["requestContext"]?["timeEpoch"] == 1_583_348_638_390)
        #expect(json["body"] == "{\"n\":1}")
        #expect(json["isBase64Encoded"] == false)
    }

    @Test func payloadOneKeepsEveryValue() {
        let json = Self.event.json(version: .one, time: Self.time, routeKey: "POST /api/{product}")
        #expect(json["version"] == "1.0")
        #expect(json["resource"] == "/api/{product}")
        #expect(json["httpMethod"] == "POST")
        #expect(json["multiValueQueryStringParameters"] == ["a": ["1", "2 3"], "b": [""]])
        #expect(json["queryStringParameters"] == ["a": "2 3", "b": ""])
        #expect(json["multiValueHeaders"]?["Host"] == ["shop.example"])
        #expect(json["requestContext"]?["requestTime"] == "04/Mar/2020:19:03:58 +0000")
        #expect(json["requestContext"]?["identity"]?["sourceIp"] == "192.0.2.1")
    }

    @Test(arguments: PayloadVersion.allCases) func whatIsWrittenIsReadBack(_ version: PayloadVersion) throws {
        let read = try HTTPEvent(json: Self.event.json(version: version, time: Self.time))
        #expect(read.method == "POST" && read.path == "/api/caf%C3%A9")
        #expect(
            PercentEncoding.parameters(ofQuery: read.query) == PercentEncoding.parameters(ofQuery: Self.event.query)
        )
        #expect(read.values(ofHeader: "X-TAG").joined(separator: ",") == "one,two")
        #expect(read.values(ofHeader: "cookie") == ["session=1; theme=dark"])
        #expect(read.pathParameters == Self.event.pathParameters)
        #expect(read.body == Self.event.body)
        #expect(read.sourceAddress == "192.0.2.1" && read.requestID == "r-1")
    }

    @Test(arguments: PayloadVersion.allCases) func aBodyThatIsNoTextIsBase64(_ version: PayloadVersion) throws {
        var event = Self.event
        event.body = [0x00, 0xFF, 0x80, 0x41]
        let json = event.json(version: version, time: Self.time)
        #expect(json["isBase64Encoded"] == true)
        #expect(json["body"] == "AP+AQQ==")
        #expect(try HTTPEvent(json: json).body == event.body)
    }

    @Test func eventsOfRESTAPIsAndLoadBalancersAreRead() throws {
        let rest = try HTTPEvent(
            json: JSONValue(
                parsing: """
                    {"httpMethod": "GET", "path": "/my path", "headers": {"Accept": "a", "X": "1"},
                     "multiValueHeaders": {"accept": ["a", "b"]}, "queryStringParameters": {"q": "ä&=+"},
                     "body": null, "isBase64Encoded": false}
                    """
            )
        )
        #expect(rest.path == "/my%20path")
        #expect(rest.query == "q=%C3%A4%26%3D%2B")
        #expect(rest.headers == [.init("accept", "a"), .init("accept", "b"), .init("X", "1")])
        #expect(rest.body.isEmpty)
    }

    @Test func aPayloadTwoWithoutARawQueryTakesItsParameters() throws {
        let event = try HTTPEvent(
            json: [
                "version": "2.0", "rawPath": "/x", "queryStringParameters": ["a": "b c"],
                "requestContext": ["http": ["method": "GET"]],
            ]
        )
        #expect(event.query == "a=b%20c")
    }

    @Test(arguments: [
        ("[]", "no JSON object"), ("{}", "no 'version'"), ("{\"version\": \"3.0\"}", "'3.0'"),
        ("{\"version\": \"2.0\"}", "requestContext.http.method"),
        ("{\"version\": \"2.0\", \"requestContext\": {\"http\": {\"method\": \"GET\"}}}", "rawPath"),
        ("{\"httpMethod\": \"GET\"}", "'path'"),
        ("{\"httpMethod\": \"GET\", \"path\": \"/\", \"headers\": []}", "'headers' is not an object"),
        ("{\"httpMethod\": \"GET\", \"path\": \"/\", \"headers\": {\"a\": 1}}", "'headers.a' is not a string"),
        ("{\"httpMethod\": \"GET\", \"path\": \"/\", \"multiValueHeaders\": {\"a\": \"b\"}}", "an array of strings"),
        ("{\"httpMethod\": \"GET\", \"path\": \"/\", \"body\": {}}", "'body' is no string"),
        ("{\"httpMethod\": \"GET\", \"path\": \"/\", \"body\": \"!\", \"isBase64Encoded\": true}", "no Base64"),
    ])
    func whatIsNoEventIsNamed(_ text: String, _ message: String) throws {
        let json = try JSONValue(parsing: text)
        #expect {
            try HTTPEvent(json: json)
        } throws: { error in
            (error as? EventError)?.message.contains(message) == true && (error as? EventError)?.fix.isEmpty == false
        }
    }

    @Test func responsesArePayloadTwo() {
        let response = HTTPEventResponse(
            status: 201,
            headers: [
                .init("Content-Type", "text/plain"), .init("Set-Cookie", "a=1"), .init("set-cookie", "b=2"),
                .init("Vary", "x"), .init("vary", "y"),
            ],
            body: Array("ok".utf8)
        )
        #expect(
            response.json == [
                "statusCode": 201, "headers": ["content-type": "text/plain", "vary": "x,y"], "cookies": ["a=1", "b=2"],
                "body": "ok", "isBase64Encoded": false,
            ]
        )
        #expect(HTTPEventResponse(status: 200, headers: [], body: [0xFF]).json["isBase64Encoded"] == true)
    }
}
