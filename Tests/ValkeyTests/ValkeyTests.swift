// ValkeyTests
