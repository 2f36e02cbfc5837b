// ScaffoldingTests
