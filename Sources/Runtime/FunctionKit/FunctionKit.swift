// FunctionKit
