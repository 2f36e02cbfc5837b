-- The shop's mix: reads of products 59 %, adds to carts 22 %, views of carts 11 %, checkouts 7 %, lists 1 %.
local products = {}
for name in string.gmatch(os.getenv("SHOP_PRODUCTS") or "", "%S+") do products[#products + 1] = name end
local only = os.getenv("SHOP_ONLY") or ""
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

-- Requests are put together as text: wrk.format makes tables for each, and the load is made on the cores it measures.
local host, hello, list
local reads = {}

local function get(path) return "GET " .. path .. " HTTP/1.1\r\nHost: " .. host .. "\r\n\r\n" end

local function post(path, headers, body)
    return "POST " .. path .. " HTTP/1.1\r\nHost: " .. host .. "\r\nContent-Type: application/json\r\n" .. headers
        .. "Content-Length: " .. #body .. "\r\n\r\n" .. body
end

local function note(status, _, body)
    if status < 400 then return end
    noted = noted + 1
    if noted <= 20 then io.write("refused ", status, " ", (string.gsub(body, "%s+", " ")), "\n") end
end

function init()
    math.randomseed(number * 7919 + os.time())
    carts, taken, noted, run = 0, 0, 0, os.time()
    host = wrk.host .. ":" .. wrk.port
    hello, list = get("/hello"), get("/api/products?size=10")
    for index, product in ipairs(products) do reads[index] = get("/api/products/" .. product) end
    -- Costs the load some 4 µs an answer, so what is measured goes without.
    if os.getenv("SHOP_REFUSALS") then response = note end
end

local function product() return products[math.random(#products)] end

local function read() return reads[math.random(#reads)] end

local function cart(of) return "b" .. run .. "-" .. number .. "-" .. of end

local function add()
    carts = carts + 1
    return post("/api/carts/" .. cart(carts) .. "/items", "", '{"productId":"' .. product() .. '","quantity":1}')
end

local function view()
    return get("/api/carts/" .. cart(carts > 0 and math.random(math.max(1, carts - 500), carts) or 0))
end

local address = '","email":"jane@example.com","shippingAddress":{"name":"Jane","line1":"1 Main Street",'
    .. '"city":"Portland","region":"OR","postalCode":"97201","country":"US"},"payment":'
    .. '{"cardNumber":"4242424242424242","expiryMonth":12,"expiryYear":2035,"cvv":"123"}}'

local function checkout()
    -- Only of carts that were filled long enough ago for the add to have been answered.
    if taken + 200 > carts then return add() end
    taken = taken + 1
    local key = "Idempotency-Key: " .. run .. "-" .. number .. "-" .. taken .. "\r\n"
    return post("/api/checkout", key, '{"cartId":"' .. cart(taken) .. address)
end

function request()
    -- wrk looks at one request before it begins and never sends it: a cart filled by that one would stay empty, and its
    -- checkout be refused.
    if not asked then
        asked = true
        return hello
    end
    if only == "hello" then return hello end
    if only == "reads" then return read() end
    local dice = math.random(100)
    if dice <= 59 then return read() end
    if dice <= 81 then return add() end
    if dice <= 92 then return view() end
    if dice <= 99 then return checkout() end
    return list
end

function done(summary)
    io.write(string.format("requests %d duration %d errors %d\n", summary.requests, summary.duration,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
            + summary.errors.timeout))
end
