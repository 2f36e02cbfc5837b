import Kubernetes
import Logging

extension Autoscaler {
    nonisolated func followDeployments() async {
        for await update in client.updates(of: .deployments, in: settings.namespace) {
            switch update {
            case .listed(let objects):
                let states = objects.map { DeploymentState($0) }
                await act { $0.listed(states, now: $1) }
            case .changed(let object):
                let state = DeploymentState(object)
                await act { $0.changed(state, now: $1) }
            case .removed(let object):
                let name = object.name
                await act { $0.removed(deployment: name, now: $1) }
            case .failed(let error): await unreachable("Deployments", error)
            }
        }
    }

    nonisolated func followPods() async {
        let workers = Selector(labels: "app.kubernetes.io/component=worker")
        for await update in client.updates(of: .pods, in: settings.namespace, matching: workers) {
            switch update {
            case .listed(let objects):
                let pods = objects.compactMap { object in
                    PodState(object).map { (function: Self.function(of: object), pod: $0) }
                }
                await act { $0.listed(pods, now: $1) }
            case .changed(let object):
                let (pod, name, function) = (PodState(object), object.name, Self.function(of: object))
                await act { $0.changed(pod, named: name, of: function, now: $1) }
            case .removed(let object):
                let (name, function) = (object.name, Self.function(of: object))
                await act { $0.changed(nil, named: name, of: function, now: $1) }
            case .failed(let error): await unreachable("pods", error)
            }
        }
    }

    private static func function(of pod: KubernetesObject) -> String {
        pod.labels["app.kubernetes.io/name"] ?? ""
    }

    func unreachable(_ what: String, _ error: KubernetesError) {
        counts.watchFailures += 1
        logger.warning("\(what) cannot be followed, pods stay as they are: \(error)")
    }
}
