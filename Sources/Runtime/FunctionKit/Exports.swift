// What authors of functions use besides this module's own types.
@_exported public import JSON
@_exported public import Logging
@_exported public import Telemetry
@_exported public import Valkey
