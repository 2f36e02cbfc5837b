#!/usr/bin/env python3
"""Breaks the shop on purpose, one place at a time, and says which test notices.

Usage: Tests/Mutations/shop.py [NAME…]     all mutations, or those named
Each mutation builds the package in release configuration and runs one suite or test, about a minute; the source is put
back whatever happens. Not part of `make test`. Exits with 1 when a mutation is noticed by no test, or no longer applies.
"""
import os, re, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHOP = "Sources/Functions/"
STATE = SHOP + "ShopState/"
TARGETS = "CartTests,CheckoutTests,PaymentsTests,ShopRulesTests,ShopCampaignTests"

# name: (file, what stands there, what is put in its place, the tests that should notice)
MUTATIONS = {
    "reserve without looking at the stock": (
        STATE + "Stock/StockScripts.swift", "if available < tonumber(ARGV[2]) then", "if false then",
        "SagaTests/sellsTheLastPieces"),
    "confirm a reservation as often as asked": (
        STATE + "Stock/StockScripts.swift",
        "if redis.call('HEXISTS', KEYS[4], ARGV[1]) == 1 then return 1 end", "",
        "SagaTests/takesLinesOutOfACartOnce"),
    "add to a cart by reading, then setting": (
        STATE + "Cart/CartStore.swift",
        "            CartScripts.add,\n            id,\n            [product, quantity, Cart.mostPieces, ",
        "            CartScripts.set,\n            id,\n            [product, quantity + "
        "(try await stored(id).lines.first { $0.product == product }?.quantity ?? 0), ",
        "SagaTests/countsEveryConcurrentAdd"),
    "price carts with what was known of products before": (
        STATE + "Catalog/VersionedCache.swift", "entry.version == version", "true",
        "CartFunctionTests/seesWhatBecame"),
    "take an order's lines out of the cart as often as asked": (
        STATE + "Cart/CartScripts.swift",
        "if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end", "",
        "SagaTests/takesLinesOutOfACartOnce"),
    "ignore the idempotency key": (
        STATE + "Orders/OrderScripts.swift", "if not fingerprint then", "if true then",
        "SagaTests/makesOneOrderOfTwenty"),
    "take another body under a used key": (
        STATE + "Orders/OrderScripts.swift", "if fingerprint ~= ARGV[1] then", "if false then",
        "SagaTests/refusesWhatCannotBe"),
    "mark an order placed without its event": (
        STATE + "Orders/OrderScripts.swift",
        "redis.call('XADD', KEYS[2], '*', 'type', 'order-placed', 'order', ARGV[7], 'event', event)", "",
        "SagaTests/placesAnOrderOnce"),
    "record a decline only at its end": (
        STATE + "Orders/OrderScripts.swift",
        "if ARGV[2] == 'declining' then redis.call('HSET', KEYS[1], 'answer', ARGV[3], 'body', ARGV[4]) end", "",
        "FailpointTests/leavesNothingOfADeclinedOrder"),
    "leave half-undone orders to recovery": (
        STATE + "Orders/OrderScripts.swift", "local isUndone = fields[1] == 'cancelling' or fields[1] == 'declining'",
        "local isUndone = false", "FailpointTests/leavesNothingOfAnOrderWithTooLittleStock"),
    "keep the pieces of a declined order": (
        STATE + "Orders/CheckoutSaga.swift",
        "    private func letGo(_ record: OrderRecord) async throws {\n"
        "        try await stock.release(record.lines, of: record.id)\n",
        "    private func letGo(_ record: OrderRecord) async throws {\n",
        "SagaTests/leavesNothingOfADeclinedOrder"),
    "ignore the version of the cart that was seen": (
        STATE + "Orders/CheckoutSaga.swift", "if let seen = request.cartVersion, seen != cart.version {",
        "if let seen = request.cartVersion, seen.isEmpty {", "SagaTests/refusesWhatCannotBe"),
    "undo an order without voiding its payment": (
        STATE + "Orders/OrderRecovery.swift", "        try await payments.void(record.id)\n", "",
        "DegradationTests/undoesAndRefunds"),
    "charge a key again": (
        STATE + "Payments/PaymentLedger.swift", "if #entry > 0 then return {0, entry} end", "",
        "PaymentsFunctionTests"),
    "void without giving the money back": (
        STATE + "Payments/PaymentLedger.swift", "if status == 'charged' then\n            redis.call('HSET', KEYS[1], "
        "'status', 'refunded')", "if status == 'charged' then\n            redis.call('HSET', KEYS[1], 'status', 'charged')",
        "PaymentsFunctionTests"),
    "void for anybody": (
        SHOP + "Payments/GetPayment.swift",
        'guard try await secret.isShown(in: request.headers["authorization"]) else { throw Problem.secretMissing }',
        '_ = try await secret.isShown(in: request.headers["authorization"])', "HostileInputTests"),
    "call the payment provider without a deadline": (
        SHOP + "ShopHTTP/HTTPPayments.swift", "timeout: time,", "timeout: nil,",
        "DegradationTests/answersWhenThePaymentSaysNothing"),
    "take any check digit": (
        SHOP + "ShopRules/Payment/Card.swift", "return !digits.isEmpty && sum.isMultiple(of: 10)",
        "return !digits.isEmpty && sum >= 0", "CardTests"),
    "take an expired card": (
        SHOP + "ShopRules/Payment/Card.swift", "(year, month) < (today.year, today.month)",
        "(year, month) < (today.year - 100, today.month)", "CardTests"),
    "add no pieces": (
        SHOP + "ShopRules/Cart/CartRequests.swift", 'reader.int("quantity", in: 1...', 'reader.int("quantity", in: 0...',
        "HostileInputTests"),
    "take unknown members": (
        SHOP + "ShopRules/Input/ObjectReader.swift", "where !known.contains(name)", "where known.isEmpty",
        "HostileInputTests"),
    "take control characters": (
        SHOP + "ShopRules/Input/ObjectReader.swift", "case .control, .lineSeparator,", "case .lineSeparator,",
        "HostileInputTests"),
    "take a body of any type": (
        "Sources/Runtime/FunctionKit/HTTP/RequestBody.swift", "!MediaType.isJSON(contentType)", "contentType.isEmpty",
        "HostileInputTests"),
    "a doctor that does not count events": (
        STATE + "Doctor/ShopInvariants.swift", "if order.events != 1 {", "if order.events < 0 {",
        "InvariantsTests/findsALostEvent"),
    "a doctor that does not add the pieces up": (
        STATE + "Doctor/ShopInvariants.swift", "stock.available + stock.reserved + stock.sold != stock.initial",
        "stock.initial < 0", "InvariantsTests/findsLostPieces"),
}


def swift(*words):
    return subprocess.run(["swift", *words], cwd=ROOT, env=dict(os.environ, ONLY_TESTS=TARGETS),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def outcome(tests):
    """What came of the mutation that stands in the source, and whether it was noticed."""
    built = swift("build", "-c", "release", "--build-tests")
    if built.returncode:
        error = re.search(r"error: .*", built.stdout)
        return f"does not build: {error[0] if error else built.stdout[-200:]}", False
    run = swift("test", "-c", "release", "--skip-build", "--filter", tests)
    failed = sorted(set(re.findall(r"✘ Test ([^ ]+\(.*?\)) (?:with .* )?failed", run.stdout)))
    if not re.search(r"Test run with [1-9]", run.stdout):
        return f"no test ran: {run.stdout[-200:]}", False
    return (f"noticed by {', '.join(failed)}", True) if run.returncode and failed else ("NOT NOTICED", False)


def main():
    chosen = sys.argv[1:] or list(MUTATIONS)
    unnoticed = 0
    for name in chosen:
        if name not in MUTATIONS:
            sys.exit(f"shop.py: there is no mutation '{name}'; there are: {'; '.join(MUTATIONS)}")
        path, before, after, tests = MUTATIONS[name]
        path = os.path.join(ROOT, path)
        with open(path) as file:
            source = file.read()
        if source.count(before) != 1:
            result, isNoticed = f"does not apply: its text stands {source.count(before)} times in the source", False
        else:
            try:
                with open(path, "w") as file:
                    file.write(source.replace(before, after))
                result, isNoticed = outcome(tests)
            finally:
                with open(path, "w") as file:
                    file.write(source)
        unnoticed += not isNoticed
        print(f"{name}: {result}", flush=True)
    print(f"{len(chosen) - unnoticed} of {len(chosen)} mutations were noticed", flush=True)
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    main()
