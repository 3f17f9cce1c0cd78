local sieve, n = {}, 0
for i = 2, 20000 do
  if not sieve[i] then
    n = n + 1
    for j = i * i, 20000, i do sieve[j] = true end
  end
end
print("primes", n)
local s = 0.0
for i = 1, 200000 do s = s + (i % 7) / (i % 11 + 1) end
print(string.format("sum %.12f", s))
local ok, words = 0, {}
for i = 1, 20000 do
  words[#words + 1] = ("x"):rep(i % 5) .. i
  if pcall(function() if i % 13 == 0 then error("e") end end) then ok = ok + 1 end
end
print("calls", ok, #table.concat(words))
local bit = require("bit")
local h = 5381
for i = 1, 200000 do h = bit.bxor(bit.lshift(h, 5), h, i) end
print("hash", h)
