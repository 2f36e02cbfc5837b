internal import Valkey

/// What changes a cart, each script in the cart's slot.
///
/// Fields whose names begin with a colon are marks: `:id` tells one filling of the cart from the next, `:order:…` that
/// an order took its lines out, `:merged:…` what came in from another cart.
enum CartScripts {
    /// Adds pieces of a product.
    ///
    /// Keys: cart. Arguments: product, pieces, most pieces, most lines, expiry in ms, id. Returns the cart's fields, or
    /// a number: the pieces there are when that would be too many, -1 for too many lines.
    static let add = ValkeyScript(
        """
        local fields = redis.call('HGETALL', KEYS[1])
        local have, place, lines, hasID = 0, #fields + 1, 0, false
        for i = 1, #fields, 2 do
            if fields[i] == ARGV[1] then
                have = tonumber(fields[i + 1])
                place = i
            end
            if string.byte(fields[i]) ~= 58 then lines = lines + 1 end
            if fields[i] == ':id' then hasID = true end
        end
        if have + tonumber(ARGV[2]) > tonumber(ARGV[3]) then return have end
        if have == 0 and lines >= tonumber(ARGV[4]) then return -1 end
        fields[place] = ARGV[1]
        fields[place + 1] = string.format('%d', have + ARGV[2])
        if hasID then
            redis.call('HSET', KEYS[1], ARGV[1], fields[place + 1])
        else
            redis.call('HSET', KEYS[1], ARGV[1], fields[place + 1], ':id', ARGV[6])
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        return fields
        """
    )

    /// Sets the pieces of a product; none removes it.
    ///
    /// Keys: cart. Arguments: product, pieces, most lines, expiry in ms, id. Returns the cart's fields, or -1 for too
    /// many lines.
    static let set = ValkeyScript(
        """
        if ARGV[2] == '0' then
            redis.call('HDEL', KEYS[1], ARGV[1])
        else
            if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
                local lines = 0
                for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
                    if string.sub(field, 1, 1) ~= ':' then lines = lines + 1 end
                end
                if lines >= tonumber(ARGV[3]) then return -1 end
            end
            redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
            redis.call('HSETNX', KEYS[1], ':id', ARGV[5])
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        return redis.call('HGETALL', KEYS[1])
        """
    )

    /// Removes all lines and keeps the marks.
    ///
    /// Keys: cart.
    static let empty = ValkeyScript(
        """
        for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
            if string.sub(field, 1, 1) ~= ':' then redis.call('HDEL', KEYS[1], field) end
        end
        return 1
        """
    )

    /// Takes lines out, once for each mark; what was added in the meantime stays.
    ///
    /// Keys: cart. Arguments: mark, then product and pieces by turns. Returns 1 if it took them, else 0.
    static let takeOut = ValkeyScript(
        """
        if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
        local names = {}
        for i = 2, #ARGV, 2 do names[#names + 1] = ARGV[i] end
        local have = redis.call('HMGET', KEYS[1], unpack(names))
        local left, gone, isThere = {ARGV[1], '1'}, {}, false
        for i, name in ipairs(names) do
            local rest = (tonumber(have[i]) or 0) - tonumber(ARGV[2 * i + 1])
            isThere = isThere or have[i]
            if rest > 0 then
                left[#left + 1] = name
                left[#left + 1] = string.format('%d', rest)
            elseif have[i] then
                gone[#gone + 1] = name
            end
        end
        if not isThere and redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        redis.call('HSET', KEYS[1], unpack(left))
        if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
        return 1
        """
    )

    /// Takes in lines of another cart, once for each filling of it; no line grows beyond the most pieces.
    ///
    /// Keys: cart. Arguments: mark, most pieces, expiry in ms, id, then product and pieces by turns. Returns what was
    /// taken in by the first call, as text `product=pieces,…`, and the cart's fields.
    static let takeIn = ValkeyScript(
        """
        local known = redis.call('HGET', KEYS[1], ARGV[1])
        if not known then
            local taken = {}
            for i = 5, #ARGV, 2 do
                local have = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0')
                local sum = math.min(have + tonumber(ARGV[i + 1]), tonumber(ARGV[2]))
                redis.call('HSET', KEYS[1], ARGV[i], string.format('%d', sum))
                taken[#taken + 1] = ARGV[i] .. '=' .. ARGV[i + 1]
            end
            known = table.concat(taken, ',')
            redis.call('HSET', KEYS[1], ARGV[1], known)
            redis.call('HSETNX', KEYS[1], ':id', ARGV[4])
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return {known, redis.call('HGETALL', KEYS[1])}
        """
    )

    /// Takes out what another cart took in, if this is still the filling that it took from, and begins a new filling.
    ///
    /// Keys: cart. Arguments: id of the filling, id of the next, then product and pieces by turns.
    static let handOver = ValkeyScript(
        """
        if redis.call('HGET', KEYS[1], ':id') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], ':id', ARGV[2])
        for i = 3, #ARGV, 2 do
            local have = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0')
            if have > tonumber(ARGV[i + 1]) then
                redis.call('HINCRBY', KEYS[1], ARGV[i], -tonumber(ARGV[i + 1]))
            else
                redis.call('HDEL', KEYS[1], ARGV[i])
            end
        end
        return 1
        """
    )
}
