/// The keys a manifest may have, by the mapping they stand in; `functions.schema.json` has the same ones.
package enum ManifestKeys {
    package static let manifest = ["version", "service", "defaults", "functions"]
    package static let defaults = [
        "timeout", "concurrency", "memory", "queue", "maxBody", "retry", "environment", "scale",
    ]
    package static let function = ["module", "handler", "route", "schedule"] + defaults
    package static let scale = ["min", "max", "idle", "policy", "schedule"]
    package static let schedule = ["every", "cron", "timezone"]
    package static let scaleWindow = ["start", "end", "timezone", "min"]

    /// Keys at the top that start so are left alone: a place for anchors.
    package static let extensionPrefix = "x-"

    /// What people write who know another system, with our word for it.
    static let synonyms = [
        "env": "environment", "minReplicas": "min", "maxReplicas": "max", "minReplicaCount": "min",
        "maxReplicaCount": "max", "minScale": "min", "maxScale": "max", "cooldownPeriod": "idle", "keepAlive": "idle",
        "path": "route", "url": "route", "http": "route", "cron": "schedule", "rate": "schedule", "name": "service",
        "concurrent": "concurrency", "memorySize": "memory", "mem": "memory", "deadline": "timeout",
        "bodyLimit": "maxBody", "maxBodySize": "maxBody", "scaling": "scale", "retries": "retry",
    ]
}
