// __half comes with the dialect (simcuda/half.h); this file only satisfies the #include.
#pragma once
