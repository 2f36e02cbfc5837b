// Valkey
