// FunctionKitTests
