# Pushes with prometheus-client-mmap: push.rb <operation> <url> <job> [instance <value>]

require 'prometheus/client'
require 'prometheus/client/push'

operation, url, job, _, instance = ARGV

registry = Prometheus::Client.registry
files = registry.counter(:backup_files_total, 'Files that were saved.')
size = registry.gauge(:backup_size_bytes, 'Size of the backup.')
files.increment({}, 3)
size.set({ ENV.fetch('PUSH_LABEL', 'disk').to_sym => 'sda' }, 4096)

gateway = URI.parse(url)
gateway.userinfo = [ENV['PUSH_USERNAME'], ENV['PUSH_PASSWORD']] if ENV['PUSH_USERNAME']
push = Prometheus::Client::Push.new(job: job, instance: instance, gateway: gateway.to_s)
response = case operation
           when 'push' then push.replace(registry)
           when 'add' then push.add(registry)
           when 'delete' then push.delete
           else abort "no operation #{operation}"
           end

# Nothing is raised: whether the push was taken is in the response alone.
puts response.is_a?(Net::HTTPSuccess) ? 'ok' : "error: #{response.code} #{response.body}"
