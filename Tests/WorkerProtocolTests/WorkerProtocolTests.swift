// WorkerProtocolTests
