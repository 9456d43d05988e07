// Types and functions of WGSL, as far as kernels that one invocation runs alone need them.

#include <cstdint>
#include <cstdio>
#include <cstdlib>

typedef uint32_t u32;
typedef int32_t i32;
typedef float f32;
typedef float vec4f __attribute__((ext_vector_type(4)));
typedef u32 vec3u __attribute__((ext_vector_type(3)));
typedef u32 vec4u __attribute__((ext_vector_type(4)));
typedef i32 vec4i __attribute__((ext_vector_type(4)));

#define INLINE __attribute__((always_inline)) inline

template <class T, int N> struct Array {
    T values[N];
    INLINE T& operator[](u32 index) { return values[index]; }
};

template <class T, class F> INLINE T bitcast(F value) { return __builtin_bit_cast(T, value); }
template <class T> INLINE constexpr f32 make_f32(T value) { return value; }
template <class T> INLINE constexpr u32 make_u32(T value) { return value; }
INLINE vec4f make_vec4f(f32 value) { return (vec4f)(value); }
INLINE vec4f make_vec4f(vec4f value) { return value; }
INLINE vec4f make_vec4f(f32 a, f32 b, f32 c, f32 d) { return (vec4f){a, b, c, d}; }
INLINE vec4u make_vec4u(u32 value) { return (vec4u)(value); }

INLINE constexpr u32 countTrailingZeros(u32 value) { return value == 0 ? 32 : __builtin_ctz(value); }
INLINE f32 abs_of(f32 value) { return __builtin_fabsf(value); }
INLINE vec4f abs_of(vec4f value) { return __builtin_elementwise_abs(value); }
INLINE f32 sqrt_of(f32 value) { return __builtin_sqrtf(value); }
INLINE vec4f sqrt_of(vec4f v) { return (vec4f){sqrt_of(v.x), sqrt_of(v.y), sqrt_of(v.z), sqrt_of(v.w)}; }
INLINE f32 inverseSqrt(f32 value) { return 1 / sqrt_of(value); }
INLINE vec4f inverseSqrt(vec4f value) { return (vec4f)(1) / sqrt_of(value); }
template <class T> INLINE constexpr T max(T a, T b) { return a > b ? a : b; }
template <class T> INLINE constexpr T min(T a, T b) { return a < b ? a : b; }
template <class T> INLINE T clamp(T value, T least, T most) { return min(max(value, least), most); }
template <class T> INLINE constexpr T select(T no, T yes, bool condition) { return condition ? yes : no; }
template <class T> INLINE T select(T no, T yes, vec4i condition) { return condition ? yes : no; }
INLINE bool all(bool value) { return value; }
INLINE bool all(vec4i value) { return (value.x & value.y & value.z & value.w) != 0; }
INLINE void workgroupBarrier() {}

// What a process is given, and gives back: bytes of a uniform or of an array after their number.
template <class T> T* given(size_t& bytes) {
    if (fread(&bytes, sizeof bytes, 1, stdin) != 1) abort();
    T* values = (T*)aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (fread(values, 1, bytes, stdin) != bytes) abort();
    return values;
}
template <class T> void give(T* values, size_t bytes) { fwrite(values, 1, bytes, stdout); }
