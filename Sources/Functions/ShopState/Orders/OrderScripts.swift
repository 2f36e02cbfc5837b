internal import Valkey

/// What changes an order, each script in the slot of the order's partition.
///
/// Whoever works on an order owns it for a while: `owner` and `until`. All times are the server's, so that the clocks
/// of workers do not matter. A change made by somebody who lost the order meanwhile does nothing and says so.
///
/// A key that a script finds only as it runs is in the declared keys' slot. On a cluster that is moving the slot it may
/// be on the other node already, and then the script ends there with an error: so such keys are touched before anything
/// is changed.
enum OrderScripts {
    private static let now = """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

        """

    /// Claims a key: begins its order, takes it over from somebody who is gone, or tells where it stands.
    ///
    /// Keys: key, pending, orders, new order. Arguments: fingerprint, new order, owner, lease in ms, prefix of orders'
    /// keys, the key's lifetime in ms, 1 to take the order over from whoever owns it. Returns what happened, the order,
    /// and further: `new`; `resumed`, its status and record; `undoing` and its record, if it was taken over half undone;
    /// `busy`; `answered`, its status and body, and its record if it was taken over with something left to do; `reused`.
    static let claim = ValkeyScript(
        now
            + """
            local fingerprint = redis.call('HGET', KEYS[1], 'fingerprint')
            if not fingerprint then
                redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'order', ARGV[2])
                redis.call('PEXPIRE', KEYS[1], ARGV[6])
                redis.call('HSET', KEYS[4], 'status', 'claimed', 'owner', ARGV[3],
                    'until', string.format('%d', now + ARGV[4]), 'begun', string.format('%d', now), 'key', KEYS[1])
                redis.call('ZADD', KEYS[2], string.format('%d', now + ARGV[4]), ARGV[2])
                redis.call('ZADD', KEYS[3], string.format('%d', now), ARGV[2])
                return {'new', ARGV[2]}
            end
            if fingerprint ~= ARGV[1] then return {'reused', ''} end
            local id = redis.call('HGET', KEYS[1], 'order')
            local order = ARGV[5] .. id
            local fields = redis.call('HMGET', order, 'status', 'until', 'answer', 'body', 'record', 'settled')
            local isLeft = ARGV[7] == '1' or tonumber(fields[2]) <= now
            local isUndone = fields[1] == 'cancelling' or fields[1] == 'declining'
            if fields[3] then
                if not isLeft or fields[1] == 'declined' or fields[6] then
                    return {'answered', id, fields[3], fields[4], ''}
                end
            elseif not isLeft or not (isUndone or fields[1] == 'claimed' or fields[1] == 'pending') then
                return {'busy', id}
            end
            redis.call('HSET', order, 'owner', ARGV[3], 'until', string.format('%d', now + ARGV[4]))
            redis.call('ZADD', KEYS[2], 'XX', string.format('%d', now + ARGV[4]), id)
            if fields[3] then return {'answered', id, fields[3], fields[4], fields[5]} end
            if isUndone then return {'undoing', id, fields[5] or ''} end
            return {'resumed', id, fields[1], fields[5] or ''}
            """
    )

    /// Writes the order down.
    ///
    /// Keys: order. Arguments: owner, record. Returns 1, or 0 when the order is somebody else's.
    static let record = ValkeyScript(
        """
        local fields = redis.call('HMGET', KEYS[1], 'owner', 'status')
        if fields[1] ~= ARGV[1] then return 0 end
        if fields[2] == 'claimed' then
            redis.call('HSET', KEYS[1], 'status', 'pending', 'record', ARGV[2])
            return 1
        end
        return fields[2] == 'pending' and 1 or 0
        """
    )

    /// Marks the order placed, keeps the answer and appends the event, all at once.
    ///
    /// The event is the record as it stands, and what is new. Keys: order, outbox. Arguments: owner, reference, answer's
    /// status, answer's body, what is new as a JSON object, placed at, order, key's lifetime in ms. Returns 1, or 0 when the order is somebody else's or not pending.
    static let place = ValkeyScript(
        """
        local fields = redis.call('HMGET', KEYS[1], 'owner', 'status', 'key', 'record')
        if fields[1] ~= ARGV[1] then return 0 end
        if fields[2] == 'placed' then return 1 end
        if fields[2] ~= 'pending' then return 0 end
        redis.call('PEXPIRE', fields[3], ARGV[8])
        redis.call('HSET', KEYS[1], 'status', 'placed', 'reference', ARGV[2], 'answer', ARGV[3], 'body', ARGV[4],
            'placedAt', ARGV[6])
        local event = '{"record":' .. fields[4] .. ',' .. string.sub(ARGV[5], 2)
        redis.call('XADD', KEYS[2], '*', 'type', 'order-placed', 'order', ARGV[7], 'event', event)
        return 1
        """
    )

    /// Decides that the order is undone; from here on it goes no other way, and a declined one has its answer.
    ///
    /// Keys: order. Arguments: owner, `cancelling` or `declining`, answer's status and body for a declined one. Returns 1, or 0 when it cannot be any more.
    static let undo = ValkeyScript(
        """
        local fields = redis.call('HMGET', KEYS[1], 'owner', 'status')
        if fields[1] ~= ARGV[1] then return 0 end
        if fields[2] == ARGV[2] then return 1 end
        if fields[2] ~= 'claimed' and fields[2] ~= 'pending' then return 0 end
        redis.call('HSET', KEYS[1], 'status', ARGV[2])
        if ARGV[2] == 'declining' then redis.call('HSET', KEYS[1], 'answer', ARGV[3], 'body', ARGV[4]) end
        return 1
        """
    )

    /// Ends an order of which nothing is left to do.
    ///
    /// A cancelled order gives its key back, so that the same request may be tried anew; the others keep it, and with
    /// it their answer. Keys: order, pending. Arguments: owner, order. Returns 1, or 0 when the order is somebody else's.
    static let finish = ValkeyScript(
        """
        local fields = redis.call('HMGET', KEYS[1], 'owner', 'status', 'key')
        if fields[1] ~= ARGV[1] then return 0 end
        if fields[2] == 'claimed' or fields[2] == 'cancelling' then
            local known = redis.call('HGET', fields[3], 'order')
            redis.call('HSET', KEYS[1], 'status', 'cancelled')
            if known == ARGV[2] then redis.call('DEL', fields[3]) end
        elseif fields[2] == 'declining' then
            redis.call('HSET', KEYS[1], 'status', 'declined')
            -- Of an order declined before answers were kept that early.
            redis.call('HSETNX', KEYS[1], 'answer', '402')
            redis.call('HSETNX', KEYS[1], 'body', 'The card was declined.')
        elseif fields[2] == 'placed' then
            redis.call('HSET', KEYS[1], 'settled', '1')
        else
            return 0
        end
        redis.call('ZREM', KEYS[2], ARGV[2])
        return 1
        """
    )

    /// Gives an order up for the next who comes, without having finished it.
    ///
    /// Keys: order, pending. Arguments: owner, order, when somebody should look again, in ms from now.
    static let leave = ValkeyScript(
        now
            + """
            if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
            redis.call('HSET', KEYS[1], 'until', '0')
            redis.call('ZADD', KEYS[2], 'XX', string.format('%d', now + ARGV[3]), ARGV[2])
            return 1
            """
    )

    /// Takes over orders that nobody works on.
    ///
    /// Keys: pending. Arguments: owner, lease in ms, how many, prefix of orders' keys. Returns the orders.
    static let takeOver = ValkeyScript(
        now
            + """
            local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now), 'LIMIT', 0, ARGV[3])
            for _, id in ipairs(due) do
                redis.call('HSET', ARGV[4] .. id, 'owner', ARGV[1], 'until', string.format('%d', now + ARGV[2]))
                redis.call('ZADD', KEYS[1], string.format('%d', now + ARGV[2]), id)
            end
            return due
            """
    )
}
