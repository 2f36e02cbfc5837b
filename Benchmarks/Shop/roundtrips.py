"""Counts the round trips to Valkey that requests cost, by standing between the workers and the server.

A round trip is a time that a worker's connection turns from receiving to sending. Requests are sent one after the
other, so nobody else's commands share a trip.
"""
import json, os, select, socket, threading, time, urllib.error, urllib.request


class Counter:
    """Passes bytes on between a Unix socket of its own and the server's, and counts each connection's turns."""

    def __init__(self, path, target):
        self.target = target
        self.turns = {}
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        number = 0
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            number += 1
            threading.Thread(target=self.serve, args=(client, number), daemon=True).start()

    def serve(self, client, number):
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.target)
        self.turns[number] = 0
        was_receiving = True
        while True:
            for source in select.select([client, server], [], [])[0]:
                data = source.recv(1 << 16)
                if not data:
                    client.close()
                    server.close()
                    return
                if source is client:
                    self.turns[number] += was_receiving
                    was_receiving = False
                    server.sendall(data)
                else:
                    was_receiving = True
                    client.sendall(data)

    def snapshot(self):
        time.sleep(0.05)  # What follows an answer, such as the settling of an order, is over then.
        return dict(self.turns)


def moved(before, after):
    return {number: turns - before.get(number, 0) for number, turns in after.items() if turns != before.get(number, 0)}


def request(port, method, path, body=None, key=None):
    headers = {"content-type": "application/json"} if body else {}
    if key:
        headers["idempotency-key"] = key
    data = json.dumps(body).encode() if body else None
    call = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, headers=headers, method=method)
    with urllib.request.urlopen(call, timeout=30) as response:
        response.read()


def checkout(cart):
    return {
        "cartId": cart, "email": "jane@example.com",
        "shippingAddress": {"name": "Jane", "line1": "1 Main Street", "city": "Portland", "region": "OR",
                            "postalCode": "97201", "country": "US"},
        "payment": {"cardNumber": "4242424242424242", "expiryMonth": 12, "expiryYear": 2035, "cvv": "123"},
    }


def count(port, counter, repeats=20):
    """Round trips per request: {function: (least, most)}; place-order's are without those of the payment's call."""
    add = {"productId": "walnut-pen", "quantity": 1}
    payment = {"amount": {"currency": "USD", "amount": 100}, "payment": checkout("")["payment"]}
    for number in range(repeats + 5):
        request(port, "POST", f"/api/carts/trip-{number}/items", add)
        request(port, "POST", f"/api/carts/trip-{number}/items", {"productId": "merino-socks", "quantity": 2})
    calls = {
        "get-product": lambda n: request(port, "GET", "/api/products/walnut-pen"),
        "list-products": lambda n: request(port, "GET", "/api/products?size=20"),
        "search-products": lambda n: request(port, "GET", "/api/products/search?q=lamp"),
        "get-cart": lambda n: request(port, "GET", f"/api/carts/trip-{n}"),
        "add-to-cart": lambda n: request(port, "POST", f"/api/carts/trip-{n}/items", add),
        "charge": lambda n: request(port, "POST", "/api/payments", payment, key=f"trip-{n}"),
        "place-order": lambda n: request(port, "POST", "/api/checkout", checkout(f"trip-{n}"), key=f"order-{n}"),
    }
    found, payments = {}, set()
    for function, call in calls.items():
        for number in range(repeats, repeats + 5):
            call(number)
        trips = []
        for number in range(repeats):
            before = counter.snapshot()
            call(number)
            turns = moved(before, counter.snapshot())
            if function == "charge":
                payments |= set(turns)
            trips.append(sum(n for connection, n in turns.items() if function == "charge" or connection not in payments))
        found[function] = (min(trips), max(trips))
    return found
