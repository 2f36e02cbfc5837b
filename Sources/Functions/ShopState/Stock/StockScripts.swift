internal import Valkey

/// What changes a product's stock, each script in the product's slot.
///
/// Keys of each: stock, reservations, expiry, sales. `available` + `reserved` + `sold` is always `initial`.
enum StockScripts {
    /// Holds pieces for an order; repeated, it renews the reservation.
    ///
    /// Arguments: order, pieces, lifetime in ms. Returns whether they are held (1), and the pieces available.
    static let reserve = ValkeyScript(
        """
        if redis.call('HEXISTS', KEYS[4], ARGV[1]) == 1 then return {1, 0} end
        local time = redis.call('TIME')
        local expiry = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[3])
        local stock = redis.call('HMGET', KEYS[1], 'available', 'reserved')
        local available = tonumber(stock[1]) or 0
        if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then
            if available < tonumber(ARGV[2]) then return {0, available} end
            redis.call('HSET', KEYS[1], 'available', string.format('%d', available - ARGV[2]),
                'reserved', string.format('%d', (tonumber(stock[2]) or 0) + ARGV[2]))
            redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
        end
        redis.call('ZADD', KEYS[3], string.format('%d', expiry), ARGV[1])
        return {1, available}
        """
    )

    /// Turns an order's reservation into a sale, once.
    ///
    /// Arguments: order, pieces. Returns 1, or 0 when there is neither a reservation nor enough stock.
    static let confirm = ValkeyScript(
        """
        if redis.call('HEXISTS', KEYS[4], ARGV[1]) == 1 then return 1 end
        local held = redis.call('HGET', KEYS[2], ARGV[1])
        if held then
            redis.call('HDEL', KEYS[2], ARGV[1])
            redis.call('ZREM', KEYS[3], ARGV[1])
            redis.call('HINCRBY', KEYS[1], 'reserved', -tonumber(held))
        else
            held = ARGV[2]
            if tonumber(redis.call('HGET', KEYS[1], 'available') or '0') < tonumber(held) then return 0 end
            redis.call('HINCRBY', KEYS[1], 'available', -tonumber(held))
        end
        redis.call('HINCRBY', KEYS[1], 'sold', held)
        redis.call('HSET', KEYS[4], ARGV[1], held)
        return 1
        """
    )

    /// Gives back what is held for an order, once.
    ///
    /// Arguments: order. Returns the pieces given back.
    static let release = ValkeyScript(
        """
        local held = redis.call('HGET', KEYS[2], ARGV[1])
        if not held then return 0 end
        redis.call('HDEL', KEYS[2], ARGV[1])
        redis.call('ZREM', KEYS[3], ARGV[1])
        redis.call('HINCRBY', KEYS[1], 'reserved', -tonumber(held))
        redis.call('HINCRBY', KEYS[1], 'available', held)
        return tonumber(held)
        """
    )
}
