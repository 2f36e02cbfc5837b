// HTTPTransferTests
