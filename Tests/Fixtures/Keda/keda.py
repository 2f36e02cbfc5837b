"""What KEDA does with an external scaler, as a client of its published interface, for the tests.

Reads one command a line from standard input and answers each with one line of JSON:

    {"call": "IsActive", "scaler": "127.0.0.1:6000", "metadata": {...}}      the response, or {"status": ..., "message": ...}
    {"call": "open", "scaler": ..., "metadata": {...}, "stream": "name"}     opens StreamIsActive
    {"call": "next", "stream": "name", "within": seconds}                    {"result": ...}, {"silent": true} or its end
    {"call": "cancel", "stream": "name"}

With `"ca"`, `"certificate"` and `"key"` (files) the connection is one of TLS. It ends with its standard input.
"""

import json
import os
import queue
import sys
import tempfile
import threading

import grpc
from grpc_tools import protoc

HERE = os.path.dirname(os.path.abspath(__file__))


def generate(folder):
    """Makes the client from the .proto file, as KEDA's own is made."""
    arguments = ["protoc", f"-I{HERE}", f"--python_out={folder}", f"--grpc_python_out={folder}", "externalscaler.proto"]
    if protoc.main(arguments) != 0:
        sys.exit("externalscaler.proto cannot be compiled")
    sys.path.insert(0, folder)


with tempfile.TemporaryDirectory(prefix="shopfn-keda-") as generated:
    generate(generated)
    import externalscaler_pb2 as messages
    import externalscaler_pb2_grpc as services

channels = {}
streams = {}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def channel(command):
    key = tuple(command.get(name) for name in ("scaler", "ca", "certificate", "key"))
    if key not in channels:
        # Tests restart scalers on the same port; waiting for a minute to try again would only make them slow.
        options = [("grpc.max_reconnect_backoff_ms", 200), ("grpc.initial_reconnect_backoff_ms", 100)]
        if command.get("ca"):
            credentials = grpc.ssl_channel_credentials(
                read(command["ca"]),
                read(command["key"]) if command.get("key") else None,
                read(command["certificate"]) if command.get("certificate") else None,
            )
            channels[key] = grpc.secure_channel(command["scaler"], credentials, options)
        else:
            channels[key] = grpc.insecure_channel(command["scaler"], options)
    return channels[key]


def reference(command):
    return messages.ScaledObjectRef(name="object", namespace="shop", scalerMetadata=command.get("metadata", {}))


def failure(error):
    return {"status": error.code().name, "message": error.details()}


def follow(call, into):
    """Puts what comes on a stream into a queue, its end last."""
    try:
        for response in call:
            into.put({"result": response.result})
        into.put({"status": "OK"})
    except grpc.RpcError as error:
        into.put(failure(error))


def answer(command):
    name = command["call"]
    if name == "open":
        call = services.ExternalScalerStub(channel(command)).StreamIsActive(reference(command))
        news = queue.Queue()
        threading.Thread(target=follow, args=(call, news), daemon=True).start()
        streams[command["stream"]] = (call, news)
        return {}
    if name == "next":
        try:
            return streams[command["stream"]][1].get(timeout=command.get("within", 30))
        except queue.Empty:
            return {"silent": True}
    if name == "cancel":
        streams[command["stream"]][0].cancel()
        return {}
    if name == "Health":
        call = channel(command).unary_unary("/grpc.health.v1.Health/Check")
        return {"response": call(bytes.fromhex(command.get("request", "")), timeout=30).hex()}
    if name == "raw":
        call = channel(command).unary_unary("/externalscaler.ExternalScaler/" + command["method"])
        return {"response": call(bytes.fromhex(command["request"]), timeout=30).hex()}

    stub = services.ExternalScalerStub(channel(command))
    if name == "IsActive":
        return {"result": stub.IsActive(reference(command), timeout=30).result}
    if name == "StreamMetricSpec":
        return {"specs": len(list(stub.StreamMetricSpec(reference(command), timeout=30)))}
    if name == "GetMetricSpec":
        response = stub.GetMetricSpec(reference(command), timeout=30)
        return {"specs": [{"name": spec.metricName, "size": spec.targetSize, "float": spec.targetSizeFloat}
                          for spec in response.metricSpecs]}
    if name == "GetMetrics":
        request = messages.GetMetricsRequest(scaledObjectRef=reference(command), metricName=command.get("metric", ""))
        response = stub.GetMetrics(request, timeout=30)
        return {"values": [{"name": value.metricName, "value": value.metricValue, "float": value.metricValueFloat}
                           for value in response.metricValues]}
    raise ValueError(f"no call '{name}'")


for line in sys.stdin:
    given = json.loads(line)
    try:
        result = answer(given)
    except grpc.RpcError as error:
        result = failure(error)
    print(json.dumps(result), flush=True)
