// Virtual memory: reserved addresses and memory mapped into them.
#pragma once
#include <cstddef>
#include <cstdint>

namespace simcuda {

/** Bytes from the address to the end of the accessible memory that is mapped there; 0 if none is. */
size_t mapped_bytes_from(uintptr_t address);

/** Says which reserved range the address lies in; false if in none. Safe where `describe_address` is. */
bool describe_reserved(const void* address, char* text, size_t length);

}  // namespace simcuda
