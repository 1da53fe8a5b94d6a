// Pushes with prometheus-cpp: push <operation> <url> <job> [<label> <value>]...
#include <prometheus/counter.h>
#include <prometheus/gateway.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

static std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int main(int argc, char** argv) {
  const std::string operation = argv[1], url = argv[2], job = argv[3];
  prometheus::Labels grouping;
  for (int i = 4; i + 1 < argc; i += 2) grouping[argv[i]] = argv[i + 1];

  auto registry = std::make_shared<prometheus::Registry>();
  auto& files = prometheus::BuildCounter().Name("backup_files_total").Help("Files that were saved.").Register(*registry);
  auto& size = prometheus::BuildGauge().Name("backup_size_bytes").Help("Size of the backup.").Register(*registry);
  auto& duration = prometheus::BuildHistogram().Name("backup_duration_seconds").Help("Time per file.").Register(*registry);
  files.Add({}).Increment(3);
  size.Add({{"disk", "sda"}}).Set(4096);
  auto& observed = duration.Add({}, prometheus::Histogram::BucketBoundaries{1, 10});
  observed.Observe(0.5);
  observed.Observe(20);

  // The library joins the two with a colon, so the port may hold a path too.
  const auto colon = url.rfind(':');
  prometheus::Gateway gateway{url.substr(0, colon), url.substr(colon + 1), job, grouping,
                              Setting("PUSH_USERNAME"), Setting("PUSH_PASSWORD")};
  gateway.RegisterCollectable(registry);

  int status = 0;
  if (operation == "push") {
    status = gateway.Push();
  } else if (operation == "add") {
    status = gateway.PushAdd();
  } else if (operation == "delete") {
    status = gateway.DeleteForInstance();
  } else {
    std::cerr << "no operation " << operation << std::endl;
    return 1;
  }
  // The library has written the body of the answer there, which may lack its line end.
  std::cout << std::endl;
  if (status == 200 || status == 202) {
    std::cout << "ok" << std::endl;
  } else {
    std::cout << "error: " << status << std::endl;
  }
}
