-- The shop's mix: reads of products 59 %, adds to carts 22 %, views of carts 11 %, checkouts 7 %, lists 1 %.
local json = { ["content-type"] = "application/json" }
local products = {}
for name in string.gmatch(os.getenv("SHOP_PRODUCTS") or "", "%S+") do products[#products + 1] = name end
local only = os.getenv("SHOP_ONLY")
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

function init()
    math.randomseed(number * 7919 + os.time())
    carts, taken, run = 0, 0, os.time()
end

local function product() return products[math.random(#products)] end

local function read() return wrk.format("GET", "/api/products/" .. product()) end

local function add()
    carts = carts + 1
    local body = '{"productId":"' .. product() .. '","quantity":1}'
    return wrk.format("POST", string.format("/api/carts/b%d-%d-%d/items", run, number, carts), json, body)
end

local function view()
    local cart = carts > 0 and math.random(math.max(1, carts - 500), carts) or 0
    return wrk.format("GET", string.format("/api/carts/b%d-%d-%d", run, number, cart))
end

local function checkout()
    -- Only of carts that were filled long enough ago for the add to have been answered.
    if taken + 200 > carts then return add() end
    taken = taken + 1
    local headers = {
        ["content-type"] = "application/json", ["idempotency-key"] = string.format("%d-%d-%d", run, number, taken),
    }
    local body = string.format('{"cartId":"b%d-%d-%d",', run, number, taken)
        .. '"email":"jane@example.com","shippingAddress":{"name":"Jane","line1":"1 Main Street","city":"Portland",'
        .. '"region":"OR","postalCode":"97201","country":"US"},"payment":{"cardNumber":"4242424242424242",'
        .. '"expiryMonth":12,"expiryYear":2035,"cvv":"123"}}'
    return wrk.format("POST", "/api/checkout", headers, body)
end

function request()
    if only == "hello" then return wrk.format("GET", "/hello") end
    if only == "reads" then return read() end
    local dice = math.random(100)
    if dice <= 59 then return read() end
    if dice <= 81 then return add() end
    if dice <= 92 then return view() end
    if dice <= 99 then return checkout() end
    return wrk.format("GET", "/api/products?size=10")
end

function done(summary)
    io.write(string.format("requests %d duration %d errors %d\n", summary.requests, summary.duration,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
            + summary.errors.timeout))
end
