/*
 * A Vulkan driver that stands before Mesa's AMD driver and passes everything on to it, with two exceptions. Without a card that driver
 * compiles but cannot record or submit: command buffers and queues do nothing here. And of every compute pipeline the driver's statistics
 * and its listing of instructions are written to files.
 *
 * SHIM_DRIVER: the file of the driver. SHIM_OUT: what the files are called, without .stats and .isa. SHIM_WAVE: lanes of a wave, 0 for
 * what the caller asks for. The last two are read anew for each pipeline.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan.h>

typedef PFN_vkVoidFunction (*GetInstanceProc)(VkInstance, const char *);

static void *driver;
static GetInstanceProc driver_instance_proc;
static PFN_vkGetDeviceProcAddr driver_device_proc;
static PFN_vkCreateDevice driver_create_device;
static PFN_vkCreateComputePipelines driver_create_pipelines;

static VkResult succeed(void) { return VK_SUCCESS; }
static void ignore(void) {}
static VkResult make_query_pool(VkDevice device, const void *info, const void *allocator, uint64_t *pool) {
  *pool = 1;
  return VK_SUCCESS;
}

static FILE *open_output(const char *ending) {
  char path[1024];
  const char *out = getenv("SHIM_OUT");
  if (!out) return NULL;
  snprintf(path, sizeof path, "%s.%s", out, ending);
  return fopen(path, "wb");
}

static void write_statistics(VkDevice device, VkPipelineExecutableInfoKHR info, uint32_t wave) {
  PFN_vkGetPipelineExecutableStatisticsKHR get = (void *)driver_device_proc(device, "vkGetPipelineExecutableStatisticsKHR");
  VkPipelineExecutableStatisticKHR statistics[64] = {0};
  uint32_t count = 64;
  FILE *file = open_output("stats");
  if (!get || !file) return;
  for (uint32_t k = 0; k < count; k++) statistics[k].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
  get(device, &info, &count, statistics);
  fprintf(file, "Wave=%u\n", wave);
  for (uint32_t k = 0; k < count; k++) fprintf(file, "%s=%lld\n", statistics[k].name, (long long)statistics[k].value.i64);
  fclose(file);
}

/* The last representation is the assembly; those before it are what it was made from. */
static void write_listing(VkDevice device, VkPipelineExecutableInfoKHR info) {
  PFN_vkGetPipelineExecutableInternalRepresentationsKHR get =
      (void *)driver_device_proc(device, "vkGetPipelineExecutableInternalRepresentationsKHR");
  VkPipelineExecutableInternalRepresentationKHR texts[16] = {0};
  uint32_t count = 16;
  FILE *file = open_output("isa");
  if (!get || !file) return;
  for (uint32_t k = 0; k < count; k++) texts[k].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR;
  get(device, &info, &count, texts);
  for (uint32_t k = 0; k < count; k++) texts[k].pData = calloc(texts[k].dataSize + 1, 1);
  get(device, &info, &count, texts);
  if (count > 0) fputs(texts[count - 1].pData, file);
  for (uint32_t k = 0; k < count; k++) free(texts[k].pData);
  fclose(file);
}

static void write_report(VkDevice device, VkPipeline pipeline) {
  PFN_vkGetPipelineExecutablePropertiesKHR get = (void *)driver_device_proc(device, "vkGetPipelineExecutablePropertiesKHR");
  VkPipelineInfoKHR pipeline_info = {VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR, NULL, pipeline};
  VkPipelineExecutablePropertiesKHR properties = {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_PROPERTIES_KHR};
  VkPipelineExecutableInfoKHR info = {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, NULL, pipeline, 0};
  uint32_t count = 1;
  if (!get) return;
  get(device, &pipeline_info, &count, &properties);
  write_statistics(device, info, properties.subgroupSize);
  write_listing(device, info);
}

static VkResult create_pipelines(VkDevice device, VkPipelineCache cache, uint32_t count, const VkComputePipelineCreateInfo *infos,
                                 const VkAllocationCallbacks *allocator, VkPipeline *pipelines) {
  const char *wave = getenv("SHIM_WAVE");
  for (uint32_t k = 0; k < count; k++) {
    VkComputePipelineCreateInfo info = infos[k];
    VkPipelineShaderStageRequiredSubgroupSizeCreateInfo size = {
        VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO, (void *)info.stage.pNext, wave ? atoi(wave) : 0};
    info.flags |= VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR | VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR;
    if (size.requiredSubgroupSize) info.stage.pNext = &size;
    VkResult result = driver_create_pipelines(device, VK_NULL_HANDLE, 1, &info, allocator, &pipelines[k]);
    if (result) return result;
    write_report(device, pipelines[k]);
  }
  return VK_SUCCESS;
}

static VkResult create_device(VkPhysicalDevice physical, const VkDeviceCreateInfo *given, const VkAllocationCallbacks *allocator,
                              VkDevice *device) {
  static const char *WANTED = VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME;
  VkDeviceCreateInfo info = *given;
  const char **names = calloc(info.enabledExtensionCount + 1, sizeof *names);
  int found = 0;
  for (uint32_t k = 0; k < given->enabledExtensionCount; k++) {
    names[k] = given->ppEnabledExtensionNames[k];
    found |= !strcmp(names[k], WANTED);
  }
  if (!found) names[info.enabledExtensionCount++] = WANTED;
  info.ppEnabledExtensionNames = names;
  VkResult result = driver_create_device(physical, &info, allocator, device);
  free(names);
  return result;
}

static PFN_vkVoidFunction replaced(const char *name, PFN_vkVoidFunction function) {
  static const char *SUCCEED[] = {"vkBeginCommandBuffer", "vkEndCommandBuffer", "vkResetCommandBuffer", "vkResetCommandPool",
                                  "vkQueueSubmit", "vkQueueSubmit2", "vkQueueSubmit2KHR", "vkQueueWaitIdle", "vkDeviceWaitIdle",
                                  "vkWaitForFences", "vkGetFenceStatus", "vkResetFences", "vkGetQueryPoolResults", NULL};
  if (!function) return NULL;
  if (!strncmp(name, "vkCmd", 5) || !strcmp(name, "vkDestroyQueryPool")) return (PFN_vkVoidFunction)ignore;
  for (int k = 0; SUCCEED[k]; k++)
    if (!strcmp(name, SUCCEED[k])) return (PFN_vkVoidFunction)succeed;
  if (!strcmp(name, "vkCreateQueryPool")) return (PFN_vkVoidFunction)make_query_pool;
  if (!strcmp(name, "vkCreateComputePipelines")) {
    driver_create_pipelines = (PFN_vkCreateComputePipelines)function;
    return (PFN_vkVoidFunction)create_pipelines;
  }
  return function;
}

static PFN_vkVoidFunction device_proc(VkDevice device, const char *name) { return replaced(name, driver_device_proc(device, name)); }

static PFN_vkVoidFunction create_device_of(PFN_vkVoidFunction function) {
  driver_create_device = (PFN_vkCreateDevice)function;
  return (PFN_vkVoidFunction)create_device;
}

static void *load_driver(void) {
  if (driver) return driver;
  const char *path = getenv("SHIM_DRIVER");
  driver = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!driver) fprintf(stderr, "shim: %s\n", path ? dlerror() : "SHIM_DRIVER is not set");
  else driver_instance_proc = (GetInstanceProc)dlsym(driver, "vk_icdGetInstanceProcAddr");
  return driver;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vk_icdGetInstanceProcAddr(VkInstance instance, const char *name) {
  PFN_vkVoidFunction function = load_driver() ? driver_instance_proc(instance, name) : NULL;
  if (function && !strcmp(name, "vkGetDeviceProcAddr")) {
    driver_device_proc = (PFN_vkGetDeviceProcAddr)function;
    return (PFN_vkVoidFunction)device_proc;
  }
  if (function && !strcmp(name, "vkCreateDevice")) return create_device_of(function);
  return replaced(name, function);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vk_icdGetPhysicalDeviceProcAddr(VkInstance instance, const char *name) {
  GetInstanceProc get = load_driver() ? (GetInstanceProc)dlsym(driver, "vk_icdGetPhysicalDeviceProcAddr") : NULL;
  PFN_vkVoidFunction function = get ? get(instance, name) : NULL;
  return function && !strcmp(name, "vkCreateDevice") ? create_device_of(function) : function;
}

VKAPI_ATTR VkResult VKAPI_CALL vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  static const uint32_t KNOWN = 5;
  if (!load_driver()) return VK_ERROR_INITIALIZATION_FAILED;
  VkResult (*negotiate)(uint32_t *) = dlsym(driver, "vk_icdNegotiateLoaderICDInterfaceVersion");
  if (*version > KNOWN) *version = KNOWN;
  return negotiate ? negotiate(version) : VK_SUCCESS;
}
